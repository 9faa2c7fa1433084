#include "ockham/train/criterion.hpp"

#include "ockham/tensor/error.hpp"
#include "ockham/train/path.hpp"

namespace ockham {

std::string_view criterion_name(Criterion criterion) {
  switch (criterion) {
    case Criterion::accuracy:
      return "accuracy";
    case Criterion::macro_f1:
      return "macro-f1";
    case Criterion::micro_f1:
      break;
  }
  return "micro-f1";
}

Criterion parse_criterion(std::string_view name) {
  for (const Criterion criterion :
       {Criterion::accuracy, Criterion::macro_f1, Criterion::micro_f1}) {
    if (criterion_name(criterion) == name) return criterion;
  }
  fail("unknown criterion \"", name, "\"; known: accuracy, macro-f1, micro-f1");
}

double score(const PathPoint& point, Criterion criterion) {
  switch (criterion) {
    case Criterion::accuracy:
      return point.accuracy;
    case Criterion::macro_f1:
      return point.macro_f1;
    case Criterion::micro_f1:
      break;
  }
  return point.micro_f1;
}

}  // namespace ockham
