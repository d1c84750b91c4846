// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every activation property, each declared once: its bean property is {@link MillraceActivationSpec}'s, and
 * {@code docs/activation-properties.md} is made from this list.
 */
public enum ActivationProperty {
    DESTINATION_LOOKUP(
            "destinationLookup",
            Type.TEXT,
            "",
            "a JNDI name",
            "The destination, as the server binds it. Standard (Jakarta Messaging 3.1, section 13.1)."),
    DESTINATION(
            "destination",
            Type.TEXT,
            "",
            "a queue's or topic's name",
            "The destination by its name on the broker; `destinationLookup` wins over it."),
    DESTINATION_TYPE(
            "destinationType",
            Type.TEXT,
            "that of the looked-up object",
            "`jakarta.jms.Queue`, `jakarta.jms.Topic`",
            "What the destination is; needed with `destination`. Standard."),
    CONNECTION_FACTORY_LOOKUP(
            "connectionFactoryLookup",
            Type.TEXT,
            "",
            "a JNDI name",
            "A connection factory of this adapter, whose broker and user are taken. Standard."),
    ACKNOWLEDGE_MODE(
            "acknowledgeMode",
            Type.TEXT,
            "`Auto-acknowledge`",
            "`Auto-acknowledge`, `Dups-ok-acknowledge`",
            "Has no effect in a transaction; without one each message is acknowledged when the bean returns. Standard."),
    MESSAGE_SELECTOR("messageSelector", Type.TEXT, "", "a selector", "Which messages are delivered. Standard."),
    SUBSCRIPTION_DURABILITY(
            "subscriptionDurability",
            Type.TEXT,
            "`NonDurable`",
            "`Durable`, `NonDurable`",
            "Whether a topic's messages are kept while the bean is away. Standard."),
    SUBSCRIPTION_NAME(
            "subscriptionName",
            Type.TEXT,
            "",
            "up to 1,024 characters",
            "Names a durable or shared subscription, which needs it. Standard."),
    CLIENT_ID(
            "clientId",
            Type.TEXT,
            "the connection factory's, then the adapter's",
            "up to 1,024 characters",
            "The JMS client id; a durable subscription that is not shared needs one. Standard."),
    SHARE_SUBSCRIPTIONS(
            "shareSubscriptions",
            Type.FLAG,
            "`false`",
            "`true`, `false`",
            "Whether several sessions and servers share one subscription of a topic, each message going to one of them."),
    MIN_SESSION(
            "minSession",
            Type.INT,
            "`1`",
            "1 to 1,000, at most `maxSession`",
            "How many messages can be processed at once however small the backlog is."),
    MAX_SESSION(
            "maxSession",
            Type.INT,
            "`10`",
            "1 to 1,000",
            "The most messages processed at once: sessions are added while all are busy and messages wait, and closed"
                    + " again after 30 idle seconds. A topic subscription that is not shared has one session."),
    PREFETCH(
            "prefetch",
            Type.INT,
            "`1000`",
            "1 to 10,000",
            "The most messages that a session buffers. It buffers what its bean was seen to take in 100 ms, 32 at first and"
                    + " at least; they go back to the broker when its bean is slow and others have time."),
    FROM(
            "from",
            Type.TEXT,
            "`latest`",
            "`earliest`, `latest`, a time like `2026-11-26T08:00:00Z`, a duration like `PT2H` (so long ago)",
            "Where a new subscription of a topic starts. One that exists goes on where it was; a non-durable one is new"
                    + " at each connection, so it starts there again after the broker was away."),
    REDELIVERY_LIMIT(
            "redeliveryLimit",
            Type.INT,
            "`0`",
            "-1 to 1,000,000",
            "How often a message may come back, from this bean, before it goes to the dead-letter queue: 5 means 6"
                    + " deliveries; -1 for no limit, 0 for the destination's setting."),
    REDELIVERY_DELAY(
            "redeliveryDelay",
            Type.LONG,
            "`-1`",
            "-1 to 2,592,000,000 (30 days)",
            "Milliseconds that a message which came back from this bean waits at the broker; others go on meanwhile,"
                    + " but those of its JMSXGroupID. -1: the destination's setting, and the session pauses for 100 ms,"
                    + " doubling up to 10 s."),
    REDELIVERY_MULTIPLIER(
            "redeliveryMultiplier",
            Type.DOUBLE,
            "`0`",
            "0, 1 to 1,000",
            "By how much `redeliveryDelay` grows with each delivery; 0 for the destination's setting."),
    REDELIVERY_MAX_DELAY(
            "redeliveryMaxDelay",
            Type.LONG,
            "`-1`",
            "-1 to 2,592,000,000",
            "The longest that the multiplier makes a message wait, milliseconds; -1 for the destination's setting."),
    DEAD_LETTER_QUEUE(
            "deadLetterQueue",
            Type.TEXT,
            "the destination's",
            "a queue's name",
            "Where a message goes that came back from this bean too often; the user needs the right to write there."),
    ORDERED_BY_GROUP(
            "orderedByGroup",
            Type.FLAG,
            "`false`",
            "`true`, `false`",
            "Messages of one JMSXGroupID are always given to one session at a time, in order. With `true` also when the"
                    + " connection was lost: nothing is delivered over the next one before the deliveries of the lost"
                    + " one have ended."),
    URL(
            "url",
            Type.TEXT,
            "the connection factory's, then the adapter's",
            "`millrace://...`, `millrace+zk://...`",
            "Where the broker is."),
    USER_NAME("userName", Type.TEXT, "the connection factory's, then the adapter's", "", "Who connects."),
    USER("user", Type.TEXT, "", "", "The same as `userName`."),
    PASSWORD("password", Type.TEXT, "", "", "The password that belongs to the user; never shown.");

    private final String key;
    private final Type type;
    private final String preset;
    private final String allowed;
    private final String doc;

    enum Type {
        TEXT("string"),
        FLAG("boolean"),
        INT("int"),
        LONG("long"),
        DOUBLE("double");

        private final String label;

        Type(String label) {
            this.label = label;
        }
    }

    ActivationProperty(String key, Type type, String preset, String allowed, String doc) {
        this.key = key;
        this.type = type;
        this.preset = preset;
        this.allowed = allowed;
        this.doc = doc;
    }

    /** The name in an {@code @ActivationConfigProperty}. */
    public String key() {
        return key;
    }

    Type type() {
        return type;
    }

    static Set<String> keys() {
        return Stream.of(values()).map(ActivationProperty::key).collect(Collectors.toUnmodifiableSet());
    }

    /** The whole page, in Markdown. */
    static String markdown() {
        return Stream.of(values())
                .map(property -> "| `%s` | %s | %s | %s | %s |"
                        .formatted(property.key, property.type.label, property.preset, property.allowed, property.doc))
                .collect(Collectors.joining("\n", HEAD, "\n"));
    }

    private static final String HEAD = """
        # Activation properties

        <!-- Made from ActivationProperty.java; ActivationPropertyTest fails when it is stale and says how to make it again. -->

        What a message-driven bean may set with `@ActivationConfigProperty` or in its deployment descriptor. Wrong values are
        refused at deployment, all at once. So are properties of the annotation that are not in this table, with the nearest
        that is; of those in a descriptor the adapter is told only what it knows: servers log the others, or drop them.

        | Property | Type | Default | Allowed | What it does |
        |---|---|---|---|---|
        """;
}
