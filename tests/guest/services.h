/* SPDX-License-Identifier: MIT */
// Programs for service lines, by name:
//   end-0, end-3     end with that status
//   end-kill         ends by SIGKILL
//   ask-term, ask-usr1, ask-usr2
//                    sends PID 1 that signal, and stays
//   terminal         says what its terminal is, and what it then reads there, a line at a time
//   orphans          leaves fifty dead grandchildren to PID 1, and says how many are not reaped
//   writer [DIR]     writes files in a directory, or on the root, again and again, whatever SIGTERM says
//   filler           writes 12 MiB into the file /filled, and stays
//   tidy             says that it was asked to end by SIGTERM, and half a second later that it is done
//   pages            says how much of PID 1 is locked in memory
#pragma once

// The exit status of the program; -1 when the name is none of these. The argument may be null.
int run_service(const char* name, const char* argument);
