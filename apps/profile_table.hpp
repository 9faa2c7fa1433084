#pragma once

#include <string>

#include "apps/progress.hpp"
#include "ockham/tensor/profile.hpp"

namespace ockham {

/// Where the time went, as a table for people: a line a part, a column a phase, shares of the
/// whole.
std::string profile_table(Profile& profile);

/// Writes the table to stderr at its end, however that comes; with a null profile nothing.
class ProfileNote {
 public:
  ProfileNote(Profile* profile, Progress& progress) : profile_(profile), progress_(progress) {}
  ~ProfileNote();
  ProfileNote(const ProfileNote&) = delete;
  ProfileNote& operator=(const ProfileNote&) = delete;

 private:
  Profile* profile_;
  Progress& progress_;  // whose line gives way
};

}  // namespace ockham
