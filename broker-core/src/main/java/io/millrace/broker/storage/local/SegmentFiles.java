// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The files of sealed segments that are open, bounded for a whole store; those used last stay. A file that is in use is
 * not closed, so that as many more may be open as there are threads that read. Any thread.
 */
final class SegmentFiles {
    private final FileLayer files;
    private final int most;
    private final Map<SegmentFile, Boolean> open = new LinkedHashMap<>(16, 0.75f, true);

    SegmentFiles(FileLayer files, int most) {
        this.files = files;
        this.most = most;
    }

    FileLayer files() {
        return files;
    }

    /** The file is open and was used just now. */
    synchronized void used(SegmentFile file) throws IOException {
        open.put(file, Boolean.TRUE);
        Iterator<SegmentFile> oldest = open.keySet().iterator();
        while (open.size() > most && oldest.hasNext()) {
            if (oldest.next().closeUnused()) {
                oldest.remove();
            }
        }
    }

    synchronized void forget(SegmentFile file) {
        open.remove(file);
    }
}
