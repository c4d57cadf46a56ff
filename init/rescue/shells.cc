// SPDX-License-Identifier: MIT
#include "init/rescue/shells.h"

#include <algorithm>
#include <csignal>

#include "init/base/compose.h"

namespace prologue::rescue {
namespace {

// Of one link for each turn of the loop: a flood must not keep PID 1 from everything else.
constexpr int kMostMessages = 16;

class ShellTask final : public SessionTask {
  public:
    ShellTask(const ShellSetup& setup, Sys& sys) : setup_(setup), sys_(sys) {}
    void run() override { run_shell(setup_, sys_); }

  private:
    const ShellSetup& setup_;
    Sys& sys_;
};

}  // namespace

ShellSetup setup_of_shell(const Settings& settings, const config::Values& values, std::string board,
                          char* const* envp) {
    ShellSetup setup;
    if (settings.rescue != RescuePolicy::kOpen) setup.password_hash = settings.rescue_hash;
    setup.settings = &settings;
    setup.values = &values;
    setup.board = std::move(board);
    setup.envp = envp;
    return setup;
}

Shells::Shells(Sys& sys, Supervisor& supervisor) : sys_(sys), supervisor_(supervisor) {
    supervisor_.watch(*this);
}

Shells::~Shells() {
    supervisor_.unwatch(*this);
}

Result<ShellLink*> Shells::start(ShellSetup setup) {
    Ends ends = TRY(make_link());
    setup.requests = ends.there.get();
    ShellTask task(setup, sys_);
    auto link = std::make_unique<ShellLink>();
    link->pid = TRY(supervisor_.start("shell", task));
    link->terminal = setup.terminal;
    link->fd = std::move(ends.here);
    link->last_key = sys_.now();
    links_.push_back(std::move(link));
    return links_.back().get();
}

void Shells::add_poll_entries(std::vector<pollfd>& entries) {
    // One that waits for an answer may say no more than that it is to be interrupted.
    for (const auto& link : links_) entries.push_back({link->fd.get(), POLLIN, 0});
}

void Shells::on_end(pid_t pid, int) {
    for (const auto& link : links_) {
        if (link->pid == pid) link->reaped = true;
    }
}

void Shells::react(std::span<const pollfd> entries) {
    for (std::size_t i = 0; i < entries.size() && i < links_.size(); ++i) {
        if (entries[i].revents != 0 && links_[i]->is_open()) take_messages(*links_[i]);
    }
}

void Shells::take_messages(ShellLink& link) {
    Message message;
    for (int count = 0; count < kMostMessages && link.is_open(); ++count) {
        switch (receive(link.fd.get(), kMaxRequest, message)) {
            case Receipt::kMessage: take(link, message); break;
            case Receipt::kNothing: return;
            case Receipt::kClosed:
            case Receipt::kBad: give_up(link); return;
        }
    }
}

void Shells::take(ShellLink& link, const Message& message) {
    link.last_key = sys_.now();
    link.was_touched = true;
    switch (static_cast<Request>(message.kind)) {
        case Request::kLine:
            // A second one before the first is answered is not what a sound shell says.
            if (link.line) return give_up(link);
            link.line = message.text;
            return;
        case Request::kInterrupt:
            // A line that still waits for its turn is dropped; what PID 1 is at then is another's.
            if (link.in_work) {
                supervisor_.cancel_child();
            } else if (link.line) {
                finish(link);
            }
            return;
        case Request::kUnlocked: link.unlocked = true; return;
        case Request::kWrong: ++link.wrong_passwords; return;
        case Request::kActive: link.busy = false; return;
        case Request::kBusy: link.busy = true; return;
    }
    give_up(link);
}

void Shells::give_up(ShellLink& link) {
    link.fd.reset();
    if (!link.reaped) (void)kill(link.pid, SIGKILL);
}

void Shells::show(ShellLink& link, std::string_view text) {
    if (link.is_open() && !send_text(link.fd.get(), text)) give_up(link);
}

void Shells::tell_fact(ShellLink& link, const std::string& name, const std::string& path) {
    if (link.is_open() && !send(link.fd.get(), Reply::kFact, compose("{}={}", name, path)))
        give_up(link);
}

void Shells::finish(ShellLink& link) {
    link.line.reset();
    link.in_work = false;
    if (link.is_open() && !send(link.fd.get(), Reply::kDone)) give_up(link);
}

void Shells::dismiss(ShellLink& link, std::string_view text) {
    if (link.is_open() && !send(link.fd.get(), Reply::kLeave, text)) give_up(link);
}

bool Shells::wait_for_ends(Duration bound) {
    const Instant deadline = deadline_after(sys_.now(), bound);
    const auto ended = [](const std::unique_ptr<ShellLink>& link) { return link->reaped; };
    while (!std::all_of(links_.begin(), links_.end(), ended)) {
        if (sys_.now() >= deadline) return false;
        supervisor_.wait_for_event(deadline);
    }
    return true;
}

void Shells::end_all(Duration grace) {
    for (const auto& link : links_) dismiss(*link, "");
    if (!wait_for_ends(grace)) {
        for (const auto& link : links_) give_up(*link);
        (void)wait_for_ends(kKillGrace);  // one that is stuck is left behind
    }
    links_.clear();
}

void Shells::forget(const ShellLink& link) {
    std::erase_if(links_, [&link](const auto& one) { return one.get() == &link; });
}

void Shells::forget_ended() {
    std::erase_if(links_, [](const auto& link) { return link->reaped && !link->is_open(); });
}

}  // namespace prologue::rescue
