/* SPDX-License-Identifier: MIT */
/* A good card, but nothing to call. */
#include <microengine/plugin.h>

ME_CARD_PLAIN(card, "org.microengine.test.no-entry", "1.0.0", "No entry", "Microengine", "MIT", "", ME_ARTIFACT_FILE, 0, 0);
