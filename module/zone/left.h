/* SPDX-License-Identifier: GPL-2.0 */
/* Zones whose module was unloaded and has not destroyed them. */
#ifndef KMOBJ_ZONE_LEFT_H
#define KMOBJ_ZONE_LEFT_H

struct module;

void zones_left_by(const struct module *module);
void zones_report_left(void);
void left_start(void);
void left_stop(void);

#endif /* KMOBJ_ZONE_LEFT_H */
