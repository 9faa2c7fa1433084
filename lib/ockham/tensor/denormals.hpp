#pragma once

namespace ockham {

/// For programs, at their start: has the processor take denormal numbers (floats below 1.2e-38,
/// doubles below 2.2e-308) for 0 in this thread and those that it makes from then on. Nothing here
/// hangs on numbers so small, but each may cost a hundred cycles: moments of words that no text has
/// had for long made a step of the default size take 1.4 times as long. Does nothing on processors
/// other than x86 and ARM of 64 bits.
void flush_denormals();

}  // namespace ockham
