// SPDX-License-Identifier: MIT
// The main of the one unit-test binary.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "tests/unit/test.h"
