// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import static io.millrace.broker.config.ConfigKey.ofBoolean;
import static io.millrace.broker.config.ConfigKey.ofChoice;
import static io.millrace.broker.config.ConfigKey.ofDouble;
import static io.millrace.broker.config.ConfigKey.ofInt;
import static io.millrace.broker.config.ConfigKey.ofList;
import static io.millrace.broker.config.ConfigKey.ofLong;
import static io.millrace.broker.config.ConfigKey.ofText;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Every setting of a broker, each declared once. Kafka's names are used where Kafka has the setting. A key is declared
 * here by whoever reads it; {@code docs/configuration.md} is made from this list.
 */
public final class BrokerConfigKeys {
    private static final List<ConfigKey<?>> DECLARED = new ArrayList<>();

    // Identity and network

    public static final ConfigKey<Integer> BROKER_ID =
            add(ofInt("broker.id", 0, 0, Integer.MAX_VALUE, "", "The broker's id, unique in its cluster."));

    public static final ConfigKey<String> LISTEN_HOST =
            add(ofText("listen.host", "127.0.0.1", "a host name or address", "The address to listen on."));

    public static final ConfigKey<Integer> LISTEN_PORT =
            add(ofInt("listen.port", 9092, 0, 65535, "", "The port to listen on; 0 takes any free one."));

    public static final ConfigKey<String> ADVERTISED_HOST = add(ofText(
            "advertised.host",
            "",
            "a host name or address, or empty",
            "What clients and other brokers are told to connect to; empty for listen.host."));

    public static final ConfigKey<String> BROKER_RACK =
            add(ofText("broker.rack", "", "any text", "Where the broker stands; empty for unknown."));

    public static final ConfigKey<Long> FETCH_READ_AHEAD_BYTES = add(
            ofLong(
                    "fetch.read.ahead.bytes",
                    16L << 20,
                    0,
                    1L << 30,
                    "bytes",
                    "The most memory for data read before sequential consumers ask for it, all partitions together; 0 for none."));

    public static final ConfigKey<Integer> OWNER_THREADS = add(ofInt(
            "owner.threads",
            0,
            0,
            256,
            "",
            "Loops that serve the connections and own the partitions; 0 stands for half the cores, at least 1."));

    public static final ConfigKey<Integer> MAX_CONNECTIONS = add(ofInt(
            "max.connections",
            10_000,
            1,
            Integer.MAX_VALUE,
            "connections",
            "Connections open at one time; further ones are closed at once."));

    public static final ConfigKey<Long> CONNECTIONS_MAX_IDLE_MS = add(ofLong(
            "connections.max.idle.ms",
            600_000,
            1_000,
            Long.MAX_VALUE,
            "ms",
            "A connection on which nothing happened for this long is closed."));

    public static final ConfigKey<Integer> SOCKET_REQUEST_MAX_BYTES = add(ofInt(
            "socket.request.max.bytes",
            100 * 1024 * 1024,
            1024,
            Integer.MAX_VALUE,
            "bytes",
            "The largest request; the connection of a larger one is closed."));

    public static final ConfigKey<Integer> MAX_INCREMENTAL_FETCH_SESSION_CACHE_SLOTS = add(ofInt(
            "max.incremental.fetch.session.cache.slots",
            1_000,
            0,
            1_000_000,
            "sessions",
            "Consumers whose partitions are remembered between fetches; further ones name them in each fetch."));

    // Security

    public static final ConfigKey<String> LISTEN_SECURITY = add(ofChoice(
            "listen.security",
            "none",
            List.of("none", "sasl_plaintext"),
            "Whether clients must authenticate: sasl_plaintext asks for SASL on an unencrypted connection."));

    public static final ConfigKey<String> SASL_ENABLED_MECHANISMS = add(ofText(
            "sasl.enabled.mechanisms",
            "SCRAM-SHA-256,SCRAM-SHA-512,PLAIN",
            "some of SCRAM-SHA-256, SCRAM-SHA-512, PLAIN",
            "The SASL mechanisms offered; PLAIN sends passwords as they are and knows the credentials file only."));

    public static final ConfigKey<String> SASL_CREDENTIALS_FILE = add(ofText(
            "sasl.credentials.file",
            "",
            "a file, or empty",
            "A properties file with a line user = password for each user of this broker, read at the start."));

    public static final ConfigKey<String> PEER_CREDENTIALS_FILE = add(ofText(
            "peer.credentials.file",
            "",
            "a file, or empty",
            "A properties file with one line user = password: who this broker is to the other brokers of the cluster, where"
                    + " these ask for SASL."));

    public static final ConfigKey<Long> CONNECTIONS_MAX_REAUTH_MS = add(ofLong(
            "connections.max.reauth.ms",
            0,
            0,
            Integer.MAX_VALUE,
            "ms",
            "A connection that did not authenticate again within this time is closed; 0 never."));

    public static final ConfigKey<String> AUTHORIZER = add(ofChoice(
            "authorizer",
            "none",
            List.of("none", "acl"),
            "Who may do what: none lets everybody do everything, acl goes by the cluster's access rules."));

    public static final ConfigKey<String> SUPER_USERS = add(ofText(
            "super.users",
            "",
            "User:name[;User:name...], or empty",
            "Users who may do everything, whatever the access rules say."));

    public static final ConfigKey<Boolean> ALLOW_EVERYONE_IF_NO_ACL_FOUND = add(ofBoolean(
            "allow.everyone.if.no.acl.found",
            false,
            "Whether everybody may use a resource that no access rule names."));

    // Data

    public static final ConfigKey<Path> DATA_DIR = add(new ConfigKey<>(
            "data.dir",
            new ConfigType.PathType(),
            "",
            Path.of("data"),
            "The directory that holds the logs, the journal and the embedded ZooKeeper's data."));

    public static final ConfigKey<Integer> MESSAGE_MAX_BYTES = add(ofInt(
            "message.max.bytes",
            1024 * 1024 + 12,
            1024,
            Integer.MAX_VALUE,
            "bytes",
            "The largest record batch that is taken; a topic's max.message.bytes comes before it."));

    public static final ConfigKey<Integer> STORAGE_SEGMENT_BYTES = add(ofInt(
            "storage.segment.bytes",
            256 * 1024 * 1024,
            4 * 1024,
            1024 * 1024 * 1024,
            "bytes",
            "A segment file that has reached this size is followed by a new one."));

    public static final ConfigKey<Integer> STORAGE_JOURNAL_BYTES = add(ofInt(
            "storage.journal.bytes",
            64 * 1024 * 1024,
            64 * 1024,
            Integer.MAX_VALUE,
            "bytes",
            "The size of each preallocated journal file."));

    public static final ConfigKey<String> FLUSH = add(ofChoice(
            "flush",
            "commit",
            List.of("commit", "os"),
            "When an append is answered: once it is synced (commit), or once it is written (os: a crash of the machine"
                    + " may lose it)."));

    public static final ConfigKey<Integer> STORAGE_OPEN_SEGMENTS = add(ofInt(
            "storage.open.segments",
            1_000,
            1,
            1_000_000,
            "files",
            "Segment files of all logs that stay open for reading; those used last. Beside them two files of each log that"
                    + " was written since the start are open."));

    public static final ConfigKey<Integer> STORAGE_READ_THREADS = add(ofInt(
            "storage.read.threads",
            0,
            0,
            256,
            "",
            "Threads that read from the disk; 0 derives the number from the cores."));

    // Retention, compaction and timestamps: for topics that do not set their own

    public static final ConfigKey<String> LOG_CLEANUP_POLICY = add(ofList(
            "log.cleanup.policy",
            "delete",
            List.of("delete", "compact"),
            "Whether old records are deleted, or only those that a later one of the same key replaces."));
    public static final ConfigKey<Long> LOG_RETENTION_MS = add(ofLong(
            "log.retention.ms",
            7 * 86_400_000L,
            -1,
            Long.MAX_VALUE,
            "ms",
            "How long records are kept in topics that are no JMS destinations; -1 for no limit."));
    public static final ConfigKey<Long> LOG_RETENTION_BYTES = add(ofLong(
            "log.retention.bytes",
            -1,
            -1,
            Long.MAX_VALUE,
            "bytes",
            "How much of a partition is kept in topics that are no JMS destinations; -1 for no limit."));
    public static final ConfigKey<Long> JMS_RETENTION_MS = add(ofLong(
            "jms.retention.ms",
            86_400_000L,
            -1,
            Long.MAX_VALUE,
            "ms",
            "How long messages of a JMS destination are kept at least that all durable groups have finished with;"
                    + " -1 for no limit."));
    public static final ConfigKey<Long> JMS_RETENTION_BYTES = add(ofLong(
            "jms.retention.bytes",
            10L << 30,
            -1,
            Long.MAX_VALUE,
            "bytes",
            "Above this size of a JMS destination's partition, messages go that all durable groups have finished with;"
                    + " -1 for no limit."));
    public static final ConfigKey<Long> LOG_RETENTION_CHECK_INTERVAL_MS = add(ofLong(
            "log.retention.check.interval.ms",
            300_000,
            1,
            Long.MAX_VALUE,
            "ms",
            "How often it is looked for records that may go."));
    public static final ConfigKey<Long> LOG_ROLL_MS = add(ofLong(
            "log.roll.ms",
            7 * 86_400_000L,
            1,
            Long.MAX_VALUE,
            "ms",
            "A segment this old is followed by a new one at the next append."));
    public static final ConfigKey<String> LOG_MESSAGE_TIMESTAMP_TYPE = add(ofChoice(
            "log.message.timestamp.type",
            "CreateTime",
            List.of("CreateTime", "LogAppendTime"),
            "Whether records keep their producer's timestamp or get the broker's at append."));
    public static final ConfigKey<Long> LOG_MESSAGE_TIMESTAMP_BEFORE_MAX_MS = add(ofLong(
            "log.message.timestamp.before.max.ms",
            Long.MAX_VALUE,
            0,
            Long.MAX_VALUE,
            "ms",
            "How far a producer's timestamp may lie behind the broker's clock."));
    public static final ConfigKey<Long> LOG_MESSAGE_TIMESTAMP_AFTER_MAX_MS = add(ofLong(
            "log.message.timestamp.after.max.ms",
            3_600_000,
            0,
            Long.MAX_VALUE,
            "ms",
            "How far a producer's timestamp may lie ahead of the broker's clock."));
    public static final ConfigKey<Long> LOG_CLEANER_DELETE_RETENTION_MS = add(ofLong(
            "log.cleaner.delete.retention.ms",
            86_400_000L,
            0,
            Long.MAX_VALUE,
            "ms",
            "How long compaction keeps a tombstone (a record without value) after it has first seen it."));
    public static final ConfigKey<Double> LOG_CLEANER_MIN_CLEANABLE_RATIO = add(ofDouble(
            "log.cleaner.min.cleanable.ratio",
            0.5,
            0,
            1,
            "",
            "A log is compacted once this part of its closed segments was not compacted yet."));
    public static final ConfigKey<Long> LOG_CLEANER_MIN_COMPACTION_LAG_MS = add(ofLong(
            "log.cleaner.min.compaction.lag.ms",
            0,
            0,
            Long.MAX_VALUE,
            "ms",
            "How long a record stays uncompacted at least."));
    public static final ConfigKey<Long> LOG_CLEANER_MAX_COMPACTION_LAG_MS = add(ofLong(
            "log.cleaner.max.compaction.lag.ms",
            Long.MAX_VALUE,
            1,
            Long.MAX_VALUE,
            "ms",
            "After how long a record is due for compaction whatever the ratio says."));
    public static final ConfigKey<Integer> LOG_CLEANER_THREADS =
            add(ofInt("log.cleaner.threads", 1, 1, 64, "", "Threads that compact logs."));
    public static final ConfigKey<Long> LOG_CLEANER_BACKOFF_MS = add(ofLong(
            "log.cleaner.backoff.ms", 15_000, 1, Long.MAX_VALUE, "ms", "How often it is looked for logs to compact."));
    public static final ConfigKey<Integer> LOG_CLEANER_DEDUPE_BUFFER_BYTES = add(ofInt(
            "log.cleaner.dedupe.buffer.bytes",
            32 << 20,
            1 << 10,
            1 << 30,
            "bytes",
            "Memory of each compaction thread for the keys it has seen, 24 bytes a key; a log with more takes several"
                    + " rounds."));
    public static final ConfigKey<Long> PRODUCER_ID_EXPIRATION_MS = add(ofLong(
            "producer.id.expiration.ms",
            86_400_000L,
            1,
            Long.MAX_VALUE,
            "ms",
            "A partition forgets an idempotent producer that was silent for this long."));
    public static final ConfigKey<Integer> PRODUCER_IDS_MAX = add(ofInt(
            "producer.ids.max",
            10_000,
            1,
            1_000_000,
            "producers",
            "Idempotent producers a partition remembers; of more it forgets those silent for longest."));

    // Cluster

    public static final ConfigKey<String> ZOOKEEPER_CONNECT = add(ofText(
            "zookeeper.connect",
            "",
            "host:port[,host:port...][/chroot], or empty",
            "The ZooKeeper ensemble; empty runs one inside the broker, on loopback."));

    public static final ConfigKey<Integer> ZOOKEEPER_SESSION_TIMEOUT_MS = add(ofInt(
            "zookeeper.session.timeout.ms",
            18_000,
            1_000,
            600_000,
            "ms",
            "A broker that ZooKeeper did not hear of for this long is taken for dead."));

    public static final ConfigKey<Integer> ZOOKEEPER_CONNECTION_TIMEOUT_MS = add(ofInt(
            "zookeeper.connection.timeout.ms",
            18_000,
            100,
            600_000,
            "ms",
            "How long a starting broker waits for ZooKeeper before it gives up."));

    public static final ConfigKey<Integer> ZOOKEEPER_EMBEDDED_PORT = add(ofInt(
            "zookeeper.embedded.port",
            0,
            0,
            65535,
            "",
            "The loopback port of the embedded ZooKeeper; 0 takes any free one."));

    public static final ConfigKey<Boolean> AUTO_CREATE_TOPICS_ENABLE = add(ofBoolean(
            "auto.create.topics.enable", true, "Whether a topic comes into being when a client first names it."));

    public static final ConfigKey<Integer> NUM_PARTITIONS = add(
            ofInt("num.partitions", 1, 1, 10_000, "partitions", "Partitions of a topic made without saying how many."));

    // Groups

    public static final ConfigKey<Integer> GROUP_MIN_SESSION_TIMEOUT_MS = add(ofInt(
            "group.min.session.timeout.ms",
            6_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "The shortest session time-out that a group member may ask for."));

    public static final ConfigKey<Integer> GROUP_MAX_SESSION_TIMEOUT_MS = add(ofInt(
            "group.max.session.timeout.ms",
            1_800_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "The longest session time-out that a group member may ask for."));

    public static final ConfigKey<Integer> GROUP_INITIAL_REBALANCE_DELAY_MS = add(ofInt(
            "group.initial.rebalance.delay.ms",
            3_000,
            0,
            Integer.MAX_VALUE,
            "ms",
            "How long the first rebalance of an empty group waits for more members."));

    public static final ConfigKey<Integer> GROUP_MAX_SIZE = add(ofInt(
            "group.max.size", 10_000, 1, Integer.MAX_VALUE, "members", "The most members of one consumer group."));

    public static final ConfigKey<Integer> OFFSET_METADATA_MAX_BYTES = add(ofInt(
            "offset.metadata.max.bytes",
            4_096,
            0,
            1_048_576,
            "bytes",
            "The longest text that a client may commit with an offset."));

    public static final ConfigKey<Integer> GROUP_CONSUMER_SESSION_TIMEOUT_MS = add(ofInt(
            "group.consumer.session.timeout.ms",
            45_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "A member that uses the consumer protocol (KIP-848) and was silent for this long is removed."));

    public static final ConfigKey<Integer> GROUP_CONSUMER_HEARTBEAT_INTERVAL_MS = add(ofInt(
            "group.consumer.heartbeat.interval.ms",
            5_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "How often members that use the consumer protocol are told to give a sign of life."));

    // Share groups (KIP-932)

    public static final ConfigKey<Integer> GROUP_SHARE_SESSION_TIMEOUT_MS = add(ofInt(
            "group.share.session.timeout.ms",
            45_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "A share group's member is removed after this silence."));

    public static final ConfigKey<Integer> GROUP_SHARE_MIN_SESSION_TIMEOUT_MS = add(ofInt(
            "group.share.min.session.timeout.ms",
            45_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "The least share.session.timeout.ms a group may set."));

    public static final ConfigKey<Integer> GROUP_SHARE_MAX_SESSION_TIMEOUT_MS = add(ofInt(
            "group.share.max.session.timeout.ms",
            60_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "The largest share.session.timeout.ms a group may set."));

    public static final ConfigKey<Integer> GROUP_SHARE_HEARTBEAT_INTERVAL_MS = add(ofInt(
            "group.share.heartbeat.interval.ms",
            5_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "How often a share group's member is told to give a sign of life."));

    public static final ConfigKey<Integer> GROUP_SHARE_MIN_HEARTBEAT_INTERVAL_MS = add(ofInt(
            "group.share.min.heartbeat.interval.ms",
            5_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "The least share.heartbeat.interval.ms a group may set."));

    public static final ConfigKey<Integer> GROUP_SHARE_MAX_HEARTBEAT_INTERVAL_MS = add(ofInt(
            "group.share.max.heartbeat.interval.ms",
            15_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "The largest share.heartbeat.interval.ms a group may set."));

    public static final ConfigKey<Integer> GROUP_SHARE_MAX_SIZE =
            add(ofInt("group.share.max.size", 200, 1, 1_000, "members", "The most members of a share group."));

    public static final ConfigKey<Integer> GROUP_SHARE_MAX_SHARE_SESSIONS = add(ofInt(
            "group.share.max.share.sessions",
            2_000,
            1,
            1_000_000,
            "sessions",
            "The most share sessions of this broker; further members are refused until one ends."));

    public static final ConfigKey<Integer> GROUP_SHARE_RECORD_LOCK_DURATION_MS = add(ofInt(
            "group.share.record.lock.duration.ms",
            30_000,
            1_000,
            3_600_000,
            "ms",
            "How long a record is a share group's member's own after its delivery; then others may get it."));

    public static final ConfigKey<Integer> GROUP_SHARE_MIN_RECORD_LOCK_DURATION_MS = add(ofInt(
            "group.share.min.record.lock.duration.ms",
            15_000,
            1_000,
            30_000,
            "ms",
            "The least share.record.lock.duration.ms a group may set."));

    public static final ConfigKey<Integer> GROUP_SHARE_MAX_RECORD_LOCK_DURATION_MS = add(ofInt(
            "group.share.max.record.lock.duration.ms",
            60_000,
            30_000,
            3_600_000,
            "ms",
            "The largest share.record.lock.duration.ms a group may set."));

    public static final ConfigKey<Integer> GROUP_SHARE_DELIVERY_COUNT_LIMIT = add(ofInt(
            "group.share.delivery.count.limit",
            5,
            2,
            10,
            "deliveries",
            "A record that was delivered to a share group so often without being accepted is given up."));

    public static final ConfigKey<Integer> GROUP_SHARE_MIN_DELIVERY_COUNT_LIMIT = add(ofInt(
            "group.share.min.delivery.count.limit",
            2,
            2,
            5,
            "deliveries",
            "The least share.delivery.count.limit a group may set."));

    public static final ConfigKey<Integer> GROUP_SHARE_MAX_DELIVERY_COUNT_LIMIT = add(ofInt(
            "group.share.max.delivery.count.limit",
            10,
            5,
            25,
            "deliveries",
            "The largest share.delivery.count.limit a group may set."));

    public static final ConfigKey<Integer> GROUP_SHARE_PARTITION_MAX_RECORD_LOCKS = add(ofInt(
            "group.share.partition.max.record.locks",
            2_000,
            100,
            10_000,
            "records",
            "Records of one partition that members of a share group hold at one time."));

    public static final ConfigKey<Integer> GROUP_SHARE_MIN_PARTITION_MAX_RECORD_LOCKS = add(ofInt(
            "group.share.min.partition.max.record.locks",
            100,
            100,
            2_000,
            "records",
            "The least share.partition.max.record.locks a group may set."));

    public static final ConfigKey<Integer> GROUP_SHARE_MAX_PARTITION_MAX_RECORD_LOCKS = add(ofInt(
            "group.share.max.partition.max.record.locks",
            4_000,
            2_000,
            10_000,
            "records",
            "The largest share.partition.max.record.locks a group may set."));

    public static final ConfigKey<Integer> OFFSETS_RETENTION_MINUTES = add(ofInt(
            "offsets.retention.minutes",
            7 * 24 * 60,
            1,
            Integer.MAX_VALUE,
            "minutes",
            "How long offsets stay in an empty group, or for a topic its group no longer subscribes to."));

    public static final ConfigKey<Long> OFFSETS_RETENTION_CHECK_INTERVAL_MS = add(ofLong(
            "offsets.retention.check.interval.ms",
            600_000,
            1,
            Long.MAX_VALUE,
            "ms",
            "How often the broker looks for offsets whose retention is over."));

    public static final ConfigKey<Integer> OFFSETS_TOPIC_NUM_PARTITIONS = add(ofInt(
            "offsets.topic.num.partitions",
            4,
            1,
            10_000,
            "partitions",
            "Partitions of the topic that holds the groups' offsets; fixed once it exists."));

    // Kafka transactions

    public static final ConfigKey<Integer> TRANSACTION_MAX_TIMEOUT_MS = add(ofInt(
            "transaction.max.timeout.ms",
            900_000,
            1,
            Integer.MAX_VALUE,
            "ms",
            "The longest that a producer may ask its transactions to stay undecided (its transaction.timeout.ms)."));

    public static final ConfigKey<Long> TRANSACTION_ABORT_INTERVAL_MS = add(ofLong(
            "transaction.abort.timed.out.transaction.cleanup.interval.ms",
            10_000,
            1,
            Long.MAX_VALUE,
            "ms",
            "How often the broker looks for transactions whose time is over; it aborts them."));

    public static final ConfigKey<Long> TRANSACTIONAL_ID_EXPIRATION_MS = add(ofLong(
            "transactional.id.expiration.ms",
            604_800_000,
            1,
            Long.MAX_VALUE,
            "ms",
            "A transactional id that was not used for this long is forgotten."));

    public static final ConfigKey<Long> TRANSACTION_REMOVE_INTERVAL_MS = add(ofLong(
            "transaction.remove.expired.transaction.cleanup.interval.ms",
            3_600_000,
            1,
            Long.MAX_VALUE,
            "ms",
            "How often the broker looks for transactional ids that nobody uses any more."));

    public static final ConfigKey<Integer> TRANSACTION_STATE_LOG_NUM_PARTITIONS = add(ofInt(
            "transaction.state.log.num.partitions",
            4,
            1,
            10_000,
            "partitions",
            "Partitions of the topic that holds the state of transactional ids; fixed once it exists."));

    public static final ConfigKey<Integer> TRANSACTION_ABORTED_INDEX_SIZE = add(
            ofInt(
                    "transaction.aborted.index.size",
                    2_000,
                    1,
                    1_000_000,
                    "transactions",
                    "Aborted transactions that a partition keeps in memory; what was aborted before is found by reading the log."));

    // JMS

    public static final ConfigKey<Integer> JMS_HEARTBEAT_TIMEOUT_MS = add(ofInt(
            "jms.heartbeat.timeout.ms",
            30_000,
            100,
            Integer.MAX_VALUE,
            "ms",
            "A JMS client that was silent for this long is taken for dead and its messages go to others."));

    public static final ConfigKey<Integer> JMS_NUM_PARTITIONS = add(ofInt(
            "jms.num.partitions",
            1,
            1,
            10_000,
            "partitions",
            "Partitions of a queue or topic that comes into being when a JMS client first opens it."));

    public static final ConfigKey<Integer> JMS_MAX_MESSAGE_BYTES = add(ofInt(
            "jms.max.message.bytes",
            64 * 1024 * 1024,
            1024,
            Integer.MAX_VALUE,
            "bytes",
            "The largest message, its properties included, of a queue or topic that comes into being when a JMS client"
                    + " first opens it: the max.message.bytes it is made with. Less than socket.request.max.bytes."));

    public static final ConfigKey<Integer> JMS_MAX_CREDIT = add(ofInt(
            "jms.max.credit",
            10_000,
            1,
            1_000_000,
            "messages",
            "The most messages a JMS consumer fetches at one time, whatever it asks for."));

    public static final ConfigKey<Integer> JMS_REMEMBERED_BUNDLES = add(ofInt(
            "jms.remembered.bundles",
            1_000,
            1,
            1_000_000,
            "transactions",
            "Committed JMS transactions whose outcome each partition remembers, for clients that lost the answer: the newest,"
                    + " and the last one of each session, for as many sessions."));

    public static final ConfigKey<Long> JMS_XA_PREPARED_MAX_BYTES = add(ofLong(
            "jms.xa.prepared.max.bytes",
            64L << 20,
            1L << 20,
            4L << 30,
            "bytes",
            "What the prepared branches of XA transactions take together in memory. What they send beyond it lies on the"
                    + " disk only."));

    public static final ConfigKey<Long> JMS_TRANSACTION_SPILL_MAX_BYTES = add(ofLong(
            "jms.transaction.spill.max.bytes",
            10L << 30,
            1L << 20,
            Long.MAX_VALUE,
            "bytes",
            "What large transactions and prepared branches take together on the disk, apart from their queues and topics,"
                    + " until they are decided and written there. A transaction beyond it is refused."));

    public static final ConfigKey<Integer> JMS_TRANSACTION_RESOLVE_INTERVAL_MS = add(ofInt(
            "jms.transaction.resolve.interval.ms",
            1_000,
            10,
            600_000,
            "ms",
            "How often the broker looks for parts of transactions over several brokers whose client has left, to have them"
                    + " ended as their coordinator decided."));

    public static final ConfigKey<Integer> JMS_MAX_INFLIGHT = add(ofInt(
            "jms.max.inflight",
            10_000,
            1,
            1_000_000,
            "messages",
            "Messages of one partition and group handed out and not yet finished with."));

    public static final ConfigKey<Integer> JMS_TEMPORARY_MAX = add(ofInt(
            "jms.temporary.max",
            20_000,
            1,
            10_000_000,
            "destinations",
            "Temporary queues and topics that this broker holds at one time; each takes some kilobytes of heap."));

    public static final ConfigKey<Long> JMS_TEMPORARY_MAX_BYTES = add(
            ofLong(
                    "jms.temporary.max.bytes",
                    8L << 20,
                    1,
                    Long.MAX_VALUE,
                    "bytes",
                    "Messages that wait in one temporary queue or topic, which is in memory; a sender to a full one is refused."));

    public static final ConfigKey<Long> JMS_TEMPORARY_TOTAL_BYTES = add(
            ofLong(
                    "jms.temporary.total.bytes",
                    64L << 20,
                    1,
                    Long.MAX_VALUE,
                    "bytes",
                    "Messages that wait in all temporary queues and topics of this broker; above it their senders are refused."));

    public static final ConfigKey<Integer> JMS_LOOK_AHEAD_MESSAGES = add(ofInt(
            "jms.look.ahead.messages",
            1_000,
            1,
            1_000_000,
            "messages",
            "How many messages are held ready for each selector that consumers of a queue or subscription use."));

    public static final ConfigKey<Integer> JMS_LOOK_AHEAD_BYTES = add(ofInt(
            "jms.look.ahead.bytes",
            1024 * 1024,
            1,
            1024 * 1024 * 1024,
            "bytes",
            "The most bytes of messages held ready in the same way."));

    public static final ConfigKey<Long> JMS_LOOK_AHEAD_TOTAL_BYTES = add(ofLong(
            "jms.look.ahead.total.bytes",
            64L * 1024 * 1024,
            0,
            Long.MAX_VALUE / 4,
            "bytes",
            "The most bytes of messages held ready for all queues and subscriptions together; beyond it a consumer that"
                    + " waits is served in small pieces."));

    public static final ConfigKey<Integer> JMS_PRIORITY_MAX_BUFFERED = add(ofInt(
            "jms.priority.max.buffered",
            100,
            1,
            1_000_000,
            "messages",
            "The most messages that one consumer buffers of a queue or subscription whose messages differ in priority:"
                    + " what comes later cannot overtake these."));

    public static final ConfigKey<Integer> JMS_PRIORITY_LOOK_AHEAD_MESSAGES = add(ofInt(
            "jms.priority.look.ahead.messages",
            100_000,
            1,
            100_000_000,
            "messages",
            "Among how many waiting messages the highest priority is delivered first; where priorities differ, these"
                    + " are read in advance and known by a few bits each."));

    public static final ConfigKey<Integer> JMS_MAX_DELIVERIES = add(ofInt(
            "jms.max.deliveries",
            10,
            -1,
            Integer.MAX_VALUE,
            "deliveries",
            "How often an application may receive a message before it goes to the dead-letter queue; -1 for no limit,"
                    + " 0 is as 1."));

    public static final ConfigKey<Long> JMS_REDELIVERY_DELAY_MS = add(ofLong(
            "jms.redelivery.delay.ms",
            0,
            0,
            Long.MAX_VALUE / 4,
            "ms",
            "How long a message that was rolled back or recovered waits for its next delivery."));

    public static final ConfigKey<Double> JMS_REDELIVERY_MULTIPLIER = add(ofDouble(
            "jms.redelivery.multiplier",
            1,
            1,
            1_000,
            "",
            "By how much the wait for the next delivery grows with each delivery."));

    public static final ConfigKey<Long> JMS_REDELIVERY_MAX_DELAY_MS = add(ofLong(
            "jms.redelivery.max.delay.ms",
            3_600_000,
            0,
            Long.MAX_VALUE / 4,
            "ms",
            "The longest that the multiplier makes a message wait for its next delivery."));

    public static final ConfigKey<String> JMS_DEAD_LETTER_QUEUE = add(ofText(
            "jms.dead.letter.queue",
            "DLQ",
            "the name of a queue, or empty",
            "The queue to which a message goes that was rejected or delivered too often; empty: it is dropped."));

    public static final ConfigKey<String> JMS_EXPIRY_QUEUE = add(ofText(
            "jms.expiry.queue",
            "",
            "the name of a queue, or empty",
            "The queue to which an expired message goes; empty: it is dropped."));

    private static final List<ConfigKey<?>> ALL = List.copyOf(DECLARED);

    private BrokerConfigKeys() {}

    /** All keys, in the order of their declaration. */
    public static List<ConfigKey<?>> all() {
        return ALL;
    }

    private static <T> ConfigKey<T> add(ConfigKey<T> key) {
        DECLARED.add(key);
        return key;
    }
}
