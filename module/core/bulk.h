/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Many objects at once.
 */
#ifndef KMOBJ_CORE_BULK_H
#define KMOBJ_CORE_BULK_H



#endif /* KMOBJ_CORE_BULK_H */
