#pragma once

namespace ockham {

/// What a signal does to a system call that waits.
enum class Waiting { goes_on, ends };

/// From now on the first SIGINT (Ctrl-C), SIGTERM or SIGHUP asks for an orderly end, and one that
/// comes more than a second or two later ends the program. One that is ignored already (as after
/// nohup) stays so. On a terminal whoever goes on until then (a training, to its epoch's end) says
/// that it was heard.
void trap_signals(Waiting waiting);

/// Whether one came.
bool interrupted();

}  // namespace ockham
