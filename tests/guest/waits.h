// SPDX-License-Identifier: MIT
// What disturbs a stage that waits for a device. Each leaves a process behind that begins when a child
// named "mount" waits, and gives 0, or -1 when it cannot.
#pragma once

// Lets the kernel send 3000 events of the disk vda, and goes on until there is a disk vdb.
int storm_events(void);
// Stops the child, lets the kernel send more events than the child's socket holds, and lets the child
// go on when there is a disk vdb whose own event is behind all of them.
int overrun_events(void);
// Sets the clock a day forward and back again, until the child is gone.
int move_clock(void);
