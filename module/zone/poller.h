/* SPDX-License-Identifier: GPL-2.0 */
/* The poller: periodic maintenance of all zones. */
#ifndef KMOBJ_ZONE_POLLER_H
#define KMOBJ_ZONE_POLLER_H

bool poller_pass(void);

#endif /* KMOBJ_ZONE_POLLER_H */
