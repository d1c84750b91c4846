// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A disk in memory with a page cache in front of it. {@link #crash} keeps what was synced and any part of what was not:
 * of each file any of its unsynced writes, also torn ones; of each directory a prefix of its changes. A failed sync loses
 * what it should have made durable for good, as Linux does: the next one succeeds and tells nothing. Any thread.
 */
final class SimulatedDisk implements FileLayer {
    private static final int SECTOR = 512;

    /** What a step of the disk is about to do; a test may throw. */
    @FunctionalInterface
    interface Hook {
        void before(String operation, Path path) throws IOException;
    }

    /** A file as programs see it and as the medium has it. */
    private static final class Content {
        private byte[] cached;
        private byte[] durable;
        private final List<Change> unsynced = new ArrayList<>();

        Content(byte[] cached, byte[] durable) {
            this.cached = cached;
            this.durable = durable;
        }
    }

    /** Bytes at a position; without bytes a cut or growth to it. */
    private static final class Change {
        private final long position;
        private final byte[] bytes;

        Change(long position, byte[] bytes) {
            this.position = position;
            this.bytes = bytes;
        }

        byte[] applied(byte[] before) {
            if (bytes == null) {
                return Arrays.copyOf(before, (int) position);
            }
            byte[] after = before.length < position + bytes.length
                    ? Arrays.copyOf(before, (int) position + bytes.length)
                    : before;
            System.arraycopy(bytes, 0, after, (int) position, bytes.length);
            return after;
        }
    }

    /** A name that came, went or was given to another file. */
    private record Naming(Path path, Content content) {}

    private final NavigableMap<Path, Content> names = new TreeMap<>();
    private final NavigableMap<Path, Content> durableNames = new TreeMap<>();
    private final List<Naming> unsyncedNames = new ArrayList<>();
    private final Set<Path> directories = new HashSet<>();
    private String bootId = UUID.randomUUID().toString();
    private volatile Hook hook = (operation, path) -> {};

    void hook(Hook newHook) {
        hook = newHook;
    }

    /** The files' names now. */
    synchronized List<Path> paths() {
        return List.copyOf(names.keySet());
    }

    synchronized byte[] bytes(Path path) {
        return names.get(path).cached.clone();
    }

    /** Puts other bytes in the place of a file's, durably. */
    synchronized void bytes(Path path, byte[] bytes) {
        names.put(path, new Content(bytes.clone(), bytes.clone()));
        durableNames.put(path, names.get(path));
    }

    synchronized void remove(Path path) {
        names.remove(path);
        durableNames.remove(path);
    }

    /** The disk as the process left it, all of it synced: what a kill of the process alone leaves. */
    synchronized SimulatedDisk copy() {
        SimulatedDisk copy = new SimulatedDisk();
        names.forEach((path, content) -> copy.bytes(path, content.cached));
        copy.directories.addAll(directories);
        copy.bootId = bootId;
        return copy;
    }

    /** From now on another run of the machine. */
    synchronized void reboot() {
        bootId = UUID.randomUUID().toString();
    }

    /** The disk as a crash of the machine leaves it that nothing survives but what was synced. */
    synchronized SimulatedDisk crashWithoutUnsynced() {
        SimulatedDisk after = new SimulatedDisk();
        durableNames.forEach((path, content) -> after.bytes(path, content.durable));
        after.directories.addAll(directories);
        return after;
    }

    /** The disk as a crash of the machine leaves it. */
    synchronized SimulatedDisk crash(Random random) {
        NavigableMap<Path, Content> left = new TreeMap<>(durableNames);
        Set<Path> stopped = new HashSet<>();
        for (Naming naming : unsyncedNames) {
            Path parent = AtomicFile.parent(naming.path);
            if (!stopped.contains(parent) && random.nextInt(4) == 0) {
                stopped.add(parent);
            }
            if (!stopped.contains(parent)) {
                name(left, naming);
            }
        }
        SimulatedDisk after = new SimulatedDisk();
        left.forEach((path, content) -> after.bytes(path, torn(content, random)));
        after.directories.addAll(directories);
        return after;
    }

    private static void name(NavigableMap<Path, Content> map, Naming naming) {
        if (naming.content == null) {
            map.remove(naming.path);
        } else {
            map.put(naming.path, naming.content);
        }
    }

    private static byte[] torn(Content content, Random random) {
        byte[] bytes = content.durable.clone();
        int kind = random.nextInt(4);
        for (Change change : content.unsynced) {
            if (kind == 0 || random.nextInt(4) < kind) {
                bytes = survived(change, random).applied(bytes);
            } else if (kind == 1) {
                return bytes;
            }
        }
        return bytes;
    }

    /** The change or, where it crosses sectors, now and then only its first ones. */
    private static Change survived(Change change, Random random) {
        if (change.bytes == null || change.bytes.length <= SECTOR || random.nextInt(4) > 0) {
            return change;
        }
        return new Change(
                change.position,
                Arrays.copyOf(change.bytes, SECTOR * (1 + random.nextInt(change.bytes.length / SECTOR))));
    }

    @Override
    public synchronized StoreFile open(Path path) throws IOException {
        if (!directories.contains(path.getParent())) {
            throw new NoSuchFileException(path.toString());
        }
        Content content = names.get(path);
        if (content == null) {
            hook.before("create", path);
            content = new Content(new byte[0], new byte[0]);
            change(new Naming(path, content));
        }
        return new SimulatedFile(path, content);
    }

    private void change(Naming naming) {
        name(names, naming);
        unsyncedNames.add(naming);
    }

    @Override
    public synchronized boolean exists(Path path) {
        return names.containsKey(path) || directories.contains(path);
    }

    @Override
    public synchronized List<Path> list(Path directory) {
        Set<Path> entries = new HashSet<>();
        for (Collection<Path> some : List.of(names.keySet(), directories)) {
            some.stream().filter(path -> directory.equals(path.getParent())).forEach(entries::add);
        }
        return entries.stream().sorted().toList();
    }

    @Override
    public synchronized long size(Path path) throws IOException {
        Content content = names.get(path);
        if (content == null) {
            throw new NoSuchFileException(path.toString());
        }
        return content.cached.length;
    }

    /** Just now: nothing is old on this disk. */
    @Override
    public long lastModifiedMs(Path path) {
        return System.currentTimeMillis();
    }

    @Override
    public synchronized String bootId() {
        return bootId;
    }

    @Override
    public synchronized void createDirectories(Path directory) throws IOException {
        hook.before("mkdir", directory);
        for (Path each = directory; each != null; each = each.getParent()) {
            directories.add(each);
        }
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        hook.before("rename", from);
        if (directories.remove(from)) {
            directories.add(to);
            for (Path path : List.copyOf(names.keySet())) {
                if (path.startsWith(from)) {
                    Content moved = names.remove(path);
                    durableNames.remove(path);
                    bytesOf(to.resolve(from.relativize(path)), moved);
                }
            }
            return;
        }
        Content content = names.get(from);
        if (content == null) {
            throw new NoSuchFileException(from.toString());
        }
        change(new Naming(to, content));
        change(new Naming(from, null));
    }

    private void bytesOf(Path path, Content content) {
        names.put(path, content);
        durableNames.put(path, content);
    }

    @Override
    public synchronized void deleteIfExists(Path path) throws IOException {
        if (names.containsKey(path)) {
            hook.before("delete", path);
            change(new Naming(path, null));
        } else {
            directories.remove(path);
        }
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        hook.before("syncdir", directory);
        for (Naming naming : List.copyOf(unsyncedNames)) {
            if (directory.equals(naming.path.getParent())) {
                name(durableNames, naming);
                unsyncedNames.remove(naming);
            }
        }
    }

    private final class SimulatedFile implements StoreFile {
        private final Path path;
        private final Content content;

        SimulatedFile(Path path, Content content) {
            this.path = path;
            this.content = content;
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                hook.before("write", path);
                byte[] bytes = new byte[source.remaining()];
                source.get(bytes);
                change(new Change(position, bytes));
                return bytes.length;
            }
        }

        private void change(Change change) {
            content.cached = change.applied(content.cached);
            content.unsynced.add(change);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                hook.before("read", path);
                if (position >= content.cached.length) {
                    return -1;
                }
                int count = (int) Math.min(target.remaining(), content.cached.length - position);
                target.put(content.cached, (int) position, count);
                return count;
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (SimulatedDisk.this) {
                try {
                    hook.before("sync", path);
                } catch (IOException lost) {
                    content.unsynced.clear();
                    throw lost;
                }
                content.unsynced.clear();
                content.durable = content.cached.clone();
            }
        }

        @Override
        public long size() {
            synchronized (SimulatedDisk.this) {
                return content.cached.length;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (SimulatedDisk.this) {
                hook.before("truncate", path);
                change(new Change(size, null));
            }
        }

        @Override
        public void close() {}
    }
}
