#include "ockham/tensor/profile.hpp"

#include <utility>

namespace ockham {

Profile::Part::Part(Profile* profile, std::string_view name)
    : profile_(profile != nullptr && profile->owner_ == std::this_thread::get_id() ? profile
                                                                                   : nullptr) {
  if (profile_ != nullptr) profile_->begin(name);
}

Profile::Part::~Part() {
  if (profile_ != nullptr) profile_->end();
}

Profile::Phase::Phase(Profile* profile, std::string_view name, Within within)
    : profile_(profile != nullptr && profile->owner_ == std::this_thread::get_id() &&
                       profile->within_ == Within::its_own
                   ? profile
                   : nullptr) {
  if (profile_ == nullptr) return;
  before_ = std::exchange(profile_->phase_, std::string(name));
  within_before_ = std::exchange(profile_->within_, within);
}

Profile::Phase::~Phase() {
  if (profile_ == nullptr) return;
  profile_->phase_ = std::move(before_);
  profile_->within_ = within_before_;
}

/// Gives the time since the last event to the innermost open part.
void Profile::count() {
  const Clock::time_point now = Clock::now();
  if (!open_.empty()) {
    rows_[open_.back()].seconds += std::chrono::duration<double>(now - counted_).count();
  }
  counted_ = now;
}

size_t Profile::row_of(std::string_view part) {
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].part == part && rows_[i].phase == phase_) return i;
  }
  rows_.push_back({phase_, std::string(part)});
  return rows_.size() - 1;
}

void Profile::begin(std::string_view part) {
  count();
  open_.push_back(row_of(part));
}

void Profile::end() {
  count();
  open_.pop_back();
}

std::vector<Profile::Row> Profile::rows() {
  count();
  return rows_;
}

double Profile::seconds() const {
  return std::chrono::duration<double>(Clock::now() - made_).count();
}

}  // namespace ockham
