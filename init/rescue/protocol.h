// SPDX-License-Identifier: MIT
// What a shell and PID 1 say to each other, over a pair of sockets that keeps messages apart
// (SOCK_SEQPACKET). Both sides look at what comes: a shell may have been damaged by what it read, and
// PID 1 never waits for one.   Source: unix(7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "init/base/error.h"
#include "init/base/fd.h"

namespace prologue::rescue {

// Of a text; a longer one is no message.
inline constexpr std::size_t kMaxRequest = 8 * 1024;
inline constexpr std::size_t kMaxReply = 8 * 1024;

enum class Request : char {
    kLine = 'L',       // run this line; kDone answers it
    kInterrupt = 'I',  // end what the line is at
    kUnlocked = 'U',   // somebody is there, and may use the shell
    kWrong = 'W',      // a wrong password was typed
    kActive = 'A',     // a key was pressed
    kBusy = 'B',       // a program has the terminal; kActive ends that
};

enum class Reply : char {
    kText = 'T',   // for the screen
    kFact = 'F',   // "NAME=PATH": a name that a line has yielded
    kDone = 'D',   // the line is done
    kLeave = 'Q',  // give the terminal back and end; the text is for the screen
};

struct Message {
    char kind = 0;
    std::string text;
};

enum class Receipt : std::uint8_t { kMessage, kNothing, kClosed, kBad };

struct Ends {
    Fd here, there;
};
// Both ends are closed by an exec and never block.
Result<Ends> make_link();

// False when the other side is gone or does not read what it is sent.
bool send(int fd, char kind, std::string_view text);
inline bool send(int fd, Request kind, std::string_view text = {}) {
    return send(fd, static_cast<char>(kind), text);
}
inline bool send(int fd, Reply kind, std::string_view text = {}) {
    return send(fd, static_cast<char>(kind), text);
}
// A text of any length, in as many messages as it takes.
bool send_text(int fd, std::string_view text);

// kBad: longer than `most`, or empty.
Receipt receive(int fd, std::size_t most, Message& message);

}  // namespace prologue::rescue
