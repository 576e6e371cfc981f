package dev.sluice.server.files;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Entries by path, up to a weight in all; looked up by any thread without a lock, filled by the
 * files' threads.
 *
 * <p>The mechanism is the clock: each slot notes that it was used; when room is needed, slots are
 * gone through in the order of their arrival, and those that were used since the last time are
 * passed over once.
 */
final class ClockCache {
  private final long most;
  private final ConcurrentHashMap<String, Slot> slots = new ConcurrentHashMap<>();
  private final Deque<Slot> ring = new ArrayDeque<>(); // guarded by this
  private long held; // guarded by this

  private static final class Slot {
    final String path;
    volatile Entry entry;
    volatile boolean used = true;
    long weight; // guarded by the cache

    Slot(String path, Entry entry) {
      this.path = path;
      this.entry = entry;
    }
  }

  /** Makes a cache that holds up to {@code most} bytes. */
  ClockCache(long most) {
    this.most = most;
  }

  @Nullable Entry get(String path) {
    Slot slot = slots.get(path);
    if (slot == null) {
      return null;
    }
    if (!slot.used) {
      slot.used = true;
    }
    return slot.entry;
  }

  /** Keeps an entry in the place of what was there; one that is too heavy is not kept. */
  synchronized void put(String path, Entry entry) {
    long weight = entry.weight() + 2L * path.length();
    if (weight > most) {
      remove(path);
      entry.dropped();
      return;
    }
    Slot slot = slots.get(path);
    if (slot == null) {
      slot = new Slot(path, entry);
      ring.addLast(slot);
    }
    if (slot.entry != entry) {
      slot.entry.dropped();
      slot.entry = entry;
    }
    held += weight - slot.weight;
    slot.weight = weight;
    slots.put(path, slot);
    makeRoom();
  }

  /** An entry has become heavier; does nothing if it is not here any more. */
  synchronized void weighAgain(String path, Entry entry) {
    if (get(path) == entry) {
      put(path, entry);
    }
  }

  synchronized void remove(String path) {
    Slot slot = slots.remove(path);
    if (slot != null) {
      ring.remove(slot);
      held -= slot.weight;
      slot.entry.dropped();
    }
  }

  private void makeRoom() {
    int passes = ring.size(); // other threads may mark slots as fast as they are passed over
    while (held > most) {
      Slot slot = ring.removeFirst();
      if (slot.used && passes-- > 0) {
        slot.used = false;
        ring.addLast(slot);
      } else {
        slots.remove(slot.path);
        held -= slot.weight;
        slot.entry.dropped();
      }
    }
  }

  /** Drops everything. */
  synchronized void clear() {
    List.copyOf(slots.keySet()).forEach(this::remove);
  }

  /** How many bytes are held. */
  synchronized long weight() {
    return held;
  }

  int size() {
    return slots.size();
  }
}
