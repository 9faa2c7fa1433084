#include "ockham/deploy/ordered_work.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "ockham/tensor/thread_pool.hpp"

namespace ockham {
namespace {

struct Piece {
  int number = 0;
  int square = 0;
};

/// Brings the numbers below `count` and gives back what was put out.
std::vector<int> squares(size_t threads, int count, const OrderedWork<Piece>::Action& work_more) {
  std::vector<int> result;
  OrderedWork<Piece> work(
      threads,
      [&](Piece& piece) {
        piece.square = piece.number * piece.number;
        work_more(piece);
      },
      [&](Piece& piece) { result.push_back(piece.square); });
  ThreadPool pool(threads);
  pool.for_each(threads, [&](size_t i) {
    if (i == 0) {
      try {
        for (int n = 0; n < count; ++n) {
          auto piece = work.take_empty();
          piece->number = n;
          work.bring(std::move(piece));
        }
      } catch (...) {
        work.close();
        throw;
      }
      work.close();
    }
    work.help();
  });
  work.check();
  return result;
}

std::vector<int> expected(int count) {
  std::vector<int> result;
  for (int n = 0; n < count; ++n) result.push_back(n * n);
  return result;
}

TEST(OrderedWork, PutsOutInTheOrderOfBringing) {
  for (const size_t threads : {1u, 2u, 5u}) {
    // Pieces take times of their own, so that later ones are done first.
    const auto result = squares(threads, 2'000, [](Piece& piece) {
      std::atomic<int> left = piece.number * 7919 % 4'000;
      while (left > 0) --left;
    });
    EXPECT_EQ(result, expected(2'000)) << threads;
  }
}

TEST(OrderedWork, WithOneThreadAPieceIsOutBeforeTheNextComes) {
  std::vector<int> out;
  OrderedWork<Piece> work(
      1, [](Piece&) {}, [&](Piece& piece) { out.push_back(piece.number); });
  for (int n = 0; n < 3; ++n) {
    auto piece = work.take_empty();
    piece->number = n;
    work.bring(std::move(piece));
    EXPECT_EQ(out.size(), static_cast<size_t>(n) + 1);
  }
}

TEST(OrderedWork, FewPiecesAreUnderWayAtATime) {
  std::atomic<int> under_way = 0, most = 0;
  std::atomic<int> put = 0;
  OrderedWork<Piece> work(
      2, [](Piece&) {},
      [&](Piece&) {
        ++put;
        --under_way;
      });
  ThreadPool pool(2);
  pool.for_each(2, [&](size_t i) {
    if (i == 0) {
      for (int n = 0; n < 1'000; ++n) {
        most = std::max<int>(most, ++under_way);
        work.bring(work.take_empty());
      }
      work.close();
    }
    work.help();
  });
  EXPECT_EQ(put, 1'000);
  EXPECT_LE(most, 2 * 4 + 1);
}

TEST(OrderedWork, AFailureEndsIt) {
  for (const size_t threads : {1u, 3u}) {
    std::vector<int> done;
    EXPECT_THROW(squares(threads, 1'000,
                         [](Piece& piece) {
                           if (piece.number == 500) throw std::runtime_error("no");
                         }),
                 std::runtime_error)
        << threads;
  }
}

}  // namespace
}  // namespace ockham
