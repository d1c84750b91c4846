// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster;

import java.util.Map;

/**
 * Something small that all brokers share: a client's quotas, a user's credentials, the access rules of a resource.
 * Immutable; it exists only while it has properties. Each is a znode, so it holds kilobytes, not megabytes.
 *
 * @param kind what it is, letters and dashes; the owner of the kind knows what the properties mean
 * @param name its name among those of its kind, any text
 * @param properties what it says; never empty
 */
public record ClusterDocument(String kind, String name, Map<String, String> properties) {
    public ClusterDocument {
        checkKind(kind);
        properties = Map.copyOf(properties);
    }

    /** Throws {@link IllegalArgumentException} for what is not a kind. */
    public static void checkKind(String kind) {
        if (!kind.matches("[a-z][a-z-]*")) {
            throw new IllegalArgumentException("kind of document '" + kind + "'");
        }
    }
}
