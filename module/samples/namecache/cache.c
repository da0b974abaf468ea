// SPDX-License-Identifier: GPL-2.0
/*
 * The cache: a hash table whose readers take no lock and write nothing that
 * others must wait for; and a list of all names, the least recently used first,
 * for a shrinker.
 *
 * Names are objects of a KMOBJ_TYPESAFE_BY_RCU zone: freed at once, perhaps
 * handed out again at once, but still names for as long as a reader who came
 * upon them is in its RCU section. So what a reader looks at may become another
 * name under its eyes. It notices by two things:
 *
 *	name->gen	odd while the name is in the table. It changes when the
 *			name leaves, before anything else of it is written, and
 *			when it comes back, after all is written. A reader
 *			believes a name only if gen is odd before it looks and
 *			the same afterwards.
 *
 *	the chain's end	has the number of its bucket in place of a NULL. A reader
 *			whose name moved follows another chain to its end and
 *			finds a number that is not its own.
 *
 * In both cases it begins anew. While a name is in the table nothing of it
 * changes but what it stands for and @used, each by one store. New names always
 * go to the front of their chain; so who stands on one that moved within its
 * bucket sees everything once more instead of missing something.
 *
 * kmobj may move a name, so that a slab becomes free: the new one is in the table
 * before the old one leaves it, and who looks at the old one notices as if it had
 * been forgotten. A reader that was beyond the front of the chain by then, and not yet
 * at the old one, would miss both: bucket->moves changes in between, and who finds
 * nothing begins anew if it did. The name counts as the last used then.
 *
 *	who			writes			under
 *	enter, forget		all			bucket->lock, then the
 *							list's
 *	prune, shrinker		chain, list, gen	the list's, then trylock
 *							of bucket->lock
 *	name_move		all, bucket->moves	bucket->lock, then the
 *							list's
 *	lookup			name->used		RCU
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hash.h>
#include <linux/list_lru.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rculist_nulls.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/stringhash.h>

#include <kmobj.h>

#include "compat.h"
#include "namecache.h"

/**
 * struct name - what a name in a directory stands for
 * @chain: in its bucket
 * @lru: in the list of all names
 * @gen: odd while it is in the table, see above
 * @bucket: which one
 * @parent: the directory
 * @value: what the name stands for there
 * @used: looked up since the shrinker last came by
 * @len: of @text
 * @text: the name, without a NUL
 */
struct name {
	struct hlist_nulls_node chain;
	struct list_head lru;
	unsigned int gen;
	unsigned int bucket;
	unsigned long parent;
	unsigned long value;
	bool used;
	u8 len;
	char text[NAMECACHE_NAME_MAX];
};

KMOBJ_DEFINE_TYPED(name, struct name)

struct bucket {
	spinlock_t lock;	/* all that changes in the chain */
	unsigned int moves;	/* names of it that kmobj moved */
	struct hlist_nulls_head names;
};

struct namecache {
	struct kmobj_zone *zone;
	struct bucket *buckets;
	unsigned int bits;
	struct list_lru lru;
	struct shrinker *shrinker;
	struct namecache_counts __percpu *counts;
	struct list_head link;		/* of caches */
	unsigned int few;		/* live objects: see is_in_full_slab() */
};

static bool sparse_first;
module_param(sparse_first, bool, 0644);
MODULE_PARM_DESC(sparse_first, "shrink by the names whose slab has the fewest (default N)");

/* For name_move(), which is told no more than the zone. */
static LIST_HEAD(caches);
static DEFINE_MUTEX(caches_lock);

/* What is looked for, and where. */
struct wanted {
	unsigned long parent;
	const char *text;
	size_t len;
	unsigned int bucket;
};

static struct wanted key_of(const struct namecache *nc, unsigned long parent,
			    const char *text, size_t len)
{
	unsigned int hash = full_name_hash((void *)parent, text, len);

	return (struct wanted){ parent, text, len, hash_32(hash, nc->bits) };
}

/* The name may be changing: then the answer means nothing. */
static bool has_key(const struct name *n, const struct wanted *key)
{
	if (READ_ONCE(n->parent) != key->parent ||
	    READ_ONCE(n->len) != key->len)
		return false;
	/* with fill_name(), which n->gen tells */
	return !data_race(memcmp(n->text, key->text, key->len));
}

enum verdict { IS_OTHER, IS_IT, HAS_CHANGED };

static enum verdict examine(struct name *n, const struct wanted *key,
			    unsigned long *value)
{
	/* both pair with the releases in hash_name() and unhash_name() */
	unsigned int gen = smp_load_acquire(&n->gen);
	bool same = has_key(n, key);

	*value = READ_ONCE(n->value);
	smp_rmb();	/* pairs with smp_wmb() in unhash_name() */
	if (!(gen & 1) || smp_load_acquire(&n->gen) != gen)
		return HAS_CHANGED;
	return same ? IS_IT : IS_OTHER;
}

/* One way down the chain; HAS_CHANGED: it may have led elsewhere. */
static enum verdict search(struct namecache *nc, const struct wanted *key,
			   unsigned long *value)
{
	struct bucket *b = &nc->buckets[key->bucket];
	/* pairs with the release in replace_name() */
	unsigned int moves = smp_load_acquire(&b->moves);
	struct hlist_nulls_node *pos;
	struct name *n;

	hlist_nulls_for_each_entry_rcu(n, pos, &b->names, chain) {
		enum verdict verdict = examine(n, key, value);

		if (verdict == IS_OTHER)
			continue;
		/* perhaps another name by now, to which it does no harm */
		if (verdict == IS_IT && !READ_ONCE(n->used))
			WRITE_ONCE(n->used, true);
		return verdict;
	}
	smp_rmb();	/* pairs with smp_wmb() in replace_name() */
	if (get_nulls_value(pos) != key->bucket || READ_ONCE(b->moves) != moves)
		return HAS_CHANGED;
	return IS_OTHER;
}

/**
 * namecache_lookup() - ask what a name stands for
 * @nc: the cache
 * @parent: the directory
 * @name: the name; need not end with a NUL
 * @len: its length
 * @value: where to write what it stands for
 *
 * Context: any but NMI. Takes no lock.
 * Return: true if it is known; it may be known as NAMECACHE_ABSENT.
 */
bool namecache_lookup(struct namecache *nc, unsigned long parent,
		      const char *name, size_t len, unsigned long *value)
{
	struct wanted key = key_of(nc, parent, name, len);
	enum verdict verdict;

	rcu_read_lock();
	while ((verdict = search(nc, &key, value)) == HAS_CHANGED)
		this_cpu_inc(nc->counts->restarts);
	rcu_read_unlock();

	if (verdict != IS_IT)
		this_cpu_inc(nc->counts->misses);
	else if (*value == NAMECACHE_ABSENT)
		this_cpu_inc(nc->counts->negatives);
	else
		this_cpu_inc(nc->counts->hits);
	return verdict == IS_IT;
}
EXPORT_SYMBOL_GPL(namecache_lookup);

static struct name *find_locked(struct bucket *b, const struct wanted *key)
{
	struct hlist_nulls_node *pos;
	struct name *n;

	lockdep_assert_held(&b->lock);
	hlist_nulls_for_each_entry(n, pos, &b->names, chain) {
		if (has_key(n, key))
			return n;
	}
	return NULL;
}

/* @n is in no table, but readers may be looking at it. */
static void fill_name(struct name *n, const struct wanted *key,
		      unsigned long value)
{
	WRITE_ONCE(n->bucket, key->bucket);	/* with name_move() */
	WRITE_ONCE(n->parent, key->parent);
	WRITE_ONCE(n->value, value);
	WRITE_ONCE(n->used, false);
	WRITE_ONCE(n->len, key->len);
	/* with has_key() */
	data_race(memcpy(n->text, key->text, key->len));
}

static void hash_name(struct bucket *b, struct name *n)
{
	lockdep_assert_held(&b->lock);
	/*
	 * Odd and new, also where @n was never used before and this is whatever
	 * its memory held. Pairs with the acquire in examine().
	 */
	smp_store_release(&n->gen, (n->gen + 1) | 1);
	hlist_nulls_add_head_rcu(&n->chain, &b->names);
}

/* From here on @n may be freed, and so be another name. */
static void unhash_name(struct bucket *b, struct name *n)
{
	lockdep_assert_held(&b->lock);
	hlist_nulls_del_rcu(&n->chain);
	/*
	 * Who sees this begins anew, and finds the chain without @n. Pairs with
	 * the acquires in examine().
	 */
	smp_store_release(&n->gen, n->gen + 1);
	smp_wmb();	/* pairs with smp_rmb() in examine() */
}

static void drop_name(struct namecache *nc, struct bucket *b, struct name *n)
{
	unhash_name(b, n);
	list_lru_del_obj(&nc->lru, &n->lru);
}

static struct namecache *cache_of(const struct kmobj_zone *zone)
{
	struct namecache *nc, *found = NULL;

	mutex_lock(&caches_lock);
	list_for_each_entry(nc, &caches, link) {
		if (nc->zone == zone)
			found = nc;
	}
	mutex_unlock(&caches_lock);
	return found;
}

static bool is_hashed(struct bucket *b, const struct name *name)
{
	struct hlist_nulls_node *pos;
	struct name *n;

	lockdep_assert_held(&b->lock);
	hlist_nulls_for_each_entry(n, pos, &b->names, chain) {
		if (n == name)
			return true;
	}
	return false;
}

static void replace_name(struct namecache *nc, struct bucket *b, struct name *old,
			 struct name *new)
{
	const struct wanted key = { old->parent, old->text, old->len, old->bucket };

	fill_name(new, &key, old->value);
	WRITE_ONCE(new->used, READ_ONCE(old->used));
	INIT_LIST_HEAD(&new->lru);
	hash_name(b, new);
	list_lru_add_obj(&nc->lru, &new->lru);
	/* A search that begins after this finds @new; one that finds @old gone sees this. */
	smp_store_release(&b->moves, b->moves + 1);
	smp_wmb();	/* pairs with smp_rmb() in search() */
	drop_name(nc, b, old);
}

/*
 * kmobj_zone_args.move. @from may be free, or be filled in just now: then it is in no
 * chain, and its bucket may be any number. The cache stays: its zone is destroyed
 * first, which waits for this.
 */
static enum kmobj_move name_move(struct kmobj_zone *zone, void *from, void *to)
{
	struct namecache *nc = cache_of(zone);
	struct name *old = from;
	unsigned int bucket = READ_ONCE(old->bucket);
	struct bucket *b;
	bool there;

	if (!nc || bucket >> nc->bits)
		return KMOBJ_BUSY;
	b = &nc->buckets[bucket];
	spin_lock(&b->lock);
	there = is_hashed(b, old);
	if (there && to)
		replace_name(nc, b, old, to);
	else if (there)
		drop_name(nc, b, old);	/* memory is short: forget it */
	spin_unlock(&b->lock);
	if (!there)
		return KMOBJ_BUSY;
	if (!to) {
		name_free(nc->zone, old);
		this_cpu_inc(nc->counts->pruned);
		return KMOBJ_GONE;
	}
	this_cpu_inc(nc->counts->moved);
	return KMOBJ_MOVED;
}

/* How many names are looked at together. */
#define BATCH	128

/* One round over all names: those looked up lately are spared but once. */
static bool make_room(struct namecache *nc)
{
	unsigned long left = namecache_count(nc) + BATCH;

	for (; left >= BATCH; left -= BATCH) {
		if (namecache_prune(nc, BATCH))
			return true;
	}
	return false;
}

static struct name *new_name(struct namecache *nc)
{
	struct name *n = name_alloc(nc->zone, GFP_KERNEL);

	/* again where what was freed is in a slab that is being emptied */
	while (!n && make_room(nc))
		n = name_alloc(nc->zone, GFP_KERNEL);
	if (n)
		INIT_LIST_HEAD(&n->lru);
	return n;
}

static bool set_value(struct bucket *b, const struct wanted *key,
		      unsigned long value)
{
	struct name *n;

	spin_lock(&b->lock);
	n = find_locked(b, key);
	if (n)
		WRITE_ONCE(n->value, value);
	spin_unlock(&b->lock);
	return n;
}

/* Somebody else may have been faster: then @new is not needed. */
static void add_name(struct namecache *nc, const struct wanted *key,
		     struct name *new)
{
	struct bucket *b = &nc->buckets[key->bucket];
	struct name *old;

	spin_lock(&b->lock);
	old = find_locked(b, key);
	if (old) {
		WRITE_ONCE(old->value, new->value);
	} else {
		hash_name(b, new);
		list_lru_add_obj(&nc->lru, &new->lru);
	}
	spin_unlock(&b->lock);
	if (old)
		name_free(nc->zone, new);
}

/**
 * namecache_enter() - tell what a name stands for
 * @nc: the cache
 * @parent: the directory
 * @name: the name; need not end with a NUL
 * @len: its length
 * @value: what it stands for from now on, NAMECACHE_ABSENT for nothing
 *
 * Context: may sleep.
 * Return: 0, -ENAMETOOLONG, or -ENOMEM; on error nothing is known of the name.
 */
int namecache_enter(struct namecache *nc, unsigned long parent,
		    const char *name, size_t len, unsigned long value)
{
	struct wanted key = key_of(nc, parent, name, len);
	struct name *new;

	if (len > NAMECACHE_NAME_MAX)
		return -ENAMETOOLONG;
	if (set_value(&nc->buckets[key.bucket], &key, value))
		return 0;
	new = new_name(nc);
	if (!new)
		return -ENOMEM;
	fill_name(new, &key, value);
	add_name(nc, &key, new);
	return 0;
}
EXPORT_SYMBOL_GPL(namecache_enter);

/**
 * namecache_forget() - what a name stands for is not known any more
 * @nc: the cache
 * @parent: the directory
 * @name: the name; need not end with a NUL
 * @len: its length
 *
 * Context: task.
 */
void namecache_forget(struct namecache *nc, unsigned long parent,
		      const char *name, size_t len)
{
	struct wanted key = key_of(nc, parent, name, len);
	struct bucket *b = &nc->buckets[key.bucket];
	struct name *n;

	spin_lock(&b->lock);
	n = find_locked(b, &key);
	if (n) {
		drop_name(nc, b, n);
		name_free(nc->zone, n);
	}
	spin_unlock(&b->lock);
}
EXPORT_SYMBOL_GPL(namecache_forget);

/* A walk over names that may be forgotten. */
struct walk {
	struct namecache *nc;
	bool sparse_first;
	unsigned int fewest;	/* live objects of a slab that was seen */
};

/*
 * Has the slab of @n more live objects than another? Then it is not its turn yet. The
 * fewest that a walk has seen are enough for the next one. So one slab is emptied after
 * the other, where by age alone a name would go here and there.
 */
static bool is_in_full_slab(struct walk *walk, const struct name *n)
{
	unsigned int live;

	if (!walk->sparse_first)
		return false;
	live = kmobj_slab_live(walk->nc->zone, n);
	walk->fewest = min(walk->fewest, live);
	return live > READ_ONCE(walk->nc->few);
}

/*
 * The list's lock is held: @item stays on it, and so stays a name. Who holds
 * the bucket's lock may be waiting for the list's.
 */
static enum lru_status isolate(struct list_head *item,
			       struct list_lru_one *list,
			       COMPAT_LOCK_ARG void *arg)
{
	struct name *n = container_of(item, struct name, lru);
	struct walk *walk = arg;
	struct namecache *nc = walk->nc;
	struct bucket *b = &nc->buckets[n->bucket];

	if (READ_ONCE(n->used)) {
		WRITE_ONCE(n->used, false);
		return LRU_ROTATE;
	}
	if (is_in_full_slab(walk, n))
		return LRU_ROTATE;
	if (!spin_trylock(&b->lock))
		return LRU_SKIP;
	unhash_name(b, n);
	list_lru_isolate(list, item);
	spin_unlock(&b->lock);
	name_free(nc->zone, n);
	this_cpu_inc(nc->counts->pruned);
	return LRU_REMOVED;
}

/**
 * namecache_prune() - forget names, the least recently used first
 * @nc: the cache
 * @nr: how many to look at; those looked up since the last time are spared
 *
 * Context: may sleep.
 * Return: how many were forgotten.
 */
unsigned long namecache_prune(struct namecache *nc, unsigned long nr)
{
	struct walk walk = { .nc = nc };

	return list_lru_walk(&nc->lru, isolate, &walk, nr);
}
EXPORT_SYMBOL_GPL(namecache_prune);

static struct walk walk_begin(struct namecache *nc)
{
	return (struct walk){ nc, READ_ONCE(sparse_first), UINT_MAX };
}

static void walk_end(const struct walk *walk)
{
	if (walk->fewest != UINT_MAX)	/* it has asked */
		WRITE_ONCE(walk->nc->few, walk->fewest);
}

/**
 * namecache_shrink() - forget names as the shrinker does
 * @nc: the cache
 * @nr: as for namecache_prune()
 *
 * With the parameter sparse_first those go first whose slab has few, so that it is
 * given back.
 *
 * Context: may sleep.
 * Return: how many were forgotten.
 */
unsigned long namecache_shrink(struct namecache *nc, unsigned long nr)
{
	struct walk walk = walk_begin(nc);
	unsigned long forgotten = list_lru_walk(&nc->lru, isolate, &walk, nr);

	walk_end(&walk);
	return forgotten;
}
EXPORT_SYMBOL_GPL(namecache_shrink);

static unsigned long shrink_count(struct shrinker *shrinker,
				  struct shrink_control *sc)
{
	struct namecache *nc = compat_shrinks(shrinker);

	return list_lru_shrink_count(&nc->lru, sc) ?: SHRINK_EMPTY;
}

static unsigned long shrink_scan(struct shrinker *shrinker,
				 struct shrink_control *sc)
{
	struct namecache *nc = compat_shrinks(shrinker);
	struct walk walk = walk_begin(nc);
	unsigned long forgotten = list_lru_shrink_walk(&nc->lru, sc, isolate, &walk);

	walk_end(&walk);
	return forgotten;
}

/**
 * namecache_count() - tell how many names are cached
 * @nc: the cache
 *
 * Return: names, those known to be absent included.
 */
unsigned long namecache_count(struct namecache *nc)
{
	return list_lru_count(&nc->lru);
}
EXPORT_SYMBOL_GPL(namecache_count);

/**
 * namecache_counts() - tell what happened so far
 * @nc: the cache
 * @sum: where to write it
 */
void namecache_counts(struct namecache *nc, struct namecache_counts *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		struct namecache_counts *c = per_cpu_ptr(nc->counts, cpu);

		sum->hits += READ_ONCE(c->hits);
		sum->negatives += READ_ONCE(c->negatives);
		sum->misses += READ_ONCE(c->misses);
		sum->restarts += READ_ONCE(c->restarts);
		sum->pruned += READ_ONCE(c->pruned);
		sum->moved += READ_ONCE(c->moved);
	}
}
EXPORT_SYMBOL_GPL(namecache_counts);

static struct bucket *make_buckets(unsigned int bits)
{
	struct bucket *buckets = kvcalloc(1UL << bits, sizeof(*buckets),
					  GFP_KERNEL);
	unsigned int i;

	for (i = 0; buckets && i < 1U << bits; i++) {
		spin_lock_init(&buckets[i].lock);
		INIT_HLIST_NULLS_HEAD(&buckets[i].names, i);
	}
	return buckets;
}

/**
 * namecache_create() - make a cache
 * @name: of its zone
 * @bits: it has 2^bits buckets; 1 to 20
 * @limit: bytes of memory for names, or KMOBJ_UNLIMITED
 *
 * Context: may sleep.
 * Return: the cache, or an ERR_PTR.
 */
struct namecache *namecache_create(const char *name, unsigned int bits,
				   unsigned long limit)
{
	const struct kmobj_zone_args args = {
		.align = __alignof__(struct name),
		.flags = KMOBJ_TYPESAFE_BY_RCU | KMOBJ_RECLAIMABLE,
		.limit = limit,
		.move = name_move,
	};
	struct namecache *nc = kzalloc(sizeof(*nc), GFP_KERNEL);
	int error;

	if (!nc)
		return ERR_PTR(-ENOMEM);
	nc->bits = bits;
	nc->zone = kmobj_zone_create(name, sizeof(struct name), &args);
	if (IS_ERR(nc->zone)) {
		error = PTR_ERR(nc->zone);
		goto free_nc;
	}
	error = list_lru_init(&nc->lru);
	if (error)
		goto destroy_zone;
	error = -ENOMEM;
	nc->buckets = make_buckets(bits);
	if (!nc->buckets)
		goto destroy_lru;
	nc->counts = alloc_percpu(struct namecache_counts);
	if (!nc->counts)
		goto free_buckets;
	nc->shrinker = compat_shrinker_start(kmobj_zone_name(nc->zone), shrink_count,
					     shrink_scan, nc);
	if (!nc->shrinker)
		goto free_counts;
	mutex_lock(&caches_lock);
	list_add(&nc->link, &caches);
	mutex_unlock(&caches_lock);
	return nc;

free_counts:
	free_percpu(nc->counts);
free_buckets:
	kvfree(nc->buckets);
destroy_lru:
	list_lru_destroy(&nc->lru);
destroy_zone:
	kmobj_zone_destroy(nc->zone);
free_nc:
	kfree(nc);
	return ERR_PTR(error);
}
EXPORT_SYMBOL_GPL(namecache_create);

/**
 * namecache_destroy() - give a cache's memory back
 * @nc: a cache that nobody uses any more
 *
 * Context: may sleep.
 */
void namecache_destroy(struct namecache *nc)
{
	compat_shrinker_stop(nc->shrinker);
	/* again for those that are spared the first time */
	while (namecache_count(nc)) {
		namecache_prune(nc, BATCH);
		cond_resched();
	}
	if (kmobj_zone_destroy(nc->zone))
		pr_err("%s: names are left\n", kmobj_zone_name(nc->zone));
	mutex_lock(&caches_lock);
	list_del(&nc->link);
	mutex_unlock(&caches_lock);
	free_percpu(nc->counts);
	kvfree(nc->buckets);
	list_lru_destroy(&nc->lru);
	kfree(nc);
}
EXPORT_SYMBOL_GPL(namecache_destroy);
