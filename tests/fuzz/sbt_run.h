/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sbt does with an image once it is loaded, as far as templates.  */
#ifndef ATHANOR_TESTS_FUZZ_SBT_RUN_H
#define ATHANOR_TESTS_FUZZ_SBT_RUN_H

#include "sbt/image.h"

/* Pages, code, and, of small images, units.  What is refused must say why.  */
void sbt_run(struct image *img, enum isa_rev rev);

#endif
