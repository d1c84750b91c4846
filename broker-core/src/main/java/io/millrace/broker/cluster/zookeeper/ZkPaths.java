// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;

/**
 * Where things lie, below the chroot:
 *
 * <pre>
 * /cluster/id              the cluster's id, text
 * /brokers/ids/N           ephemeral, JSON of {@link BrokerJson}
 * /brokers/topics/NAME     JSON of {@link TopicJson}; the znode's version is the topic's
 * /controller/latch-...    one ephemeral for each candidate, its data the broker id; the lowest sequence leads
 * /documents/KIND/NAME     JSON of {@link DocumentJson}: quotas, users, access rules
 * /changes/change-N        the name of a topic that changed, or KIND/NAME of a document; brokers watch this list only
 * /clients/HH/ID           ephemeral, JSON of {@link ClientIdJson}; HH is a hash of the JMS client id, 00 to ff
 * /producer-ids            the next producer id that nobody has, decimal text
 * </pre>
 */
final class ZkPaths {
    static final String CLUSTER_ID = "/cluster/id";
    static final String BROKERS = "/brokers/ids";
    static final String TOPICS = "/brokers/topics";
    static final String DOCUMENTS = "/documents";
    static final String CONTROLLER = "/controller";
    static final String CHANGES = "/changes";
    static final String CLIENTS = "/clients";
    static final String PRODUCER_IDS = "/producer-ids";

    private ZkPaths() {}

    static String broker(int id) {
        return BROKERS + "/" + id;
    }

    static String topic(String name) {
        return TOPICS + "/" + escape(name);
    }

    static String documents(String kind) {
        return DOCUMENTS + "/" + kind;
    }

    static String document(String kind, String name) {
        return documents(kind) + "/" + escape(name);
    }

    /** Hashed into 256 parents, so that no list of children grows long. */
    static String clientId(String id) {
        int hash = id.hashCode();
        return "%s/%02x/%s".formatted(CLIENTS, (hash ^ hash >>> 8 ^ hash >>> 16 ^ hash >>> 24) & 0xff, escape(id));
    }

    /** A name as one path element: Kafka's legal names stay as they are. */
    static String escape(String name) {
        return name.equals(".") || name.equals("..") ? name.replace(".", "%2E") : URLEncoder.encode(name, UTF_8);
    }

    static String unescape(String element) {
        return URLDecoder.decode(element, UTF_8);
    }
}
