// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.record.ReservedNames;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which topics members subscribe to, in one picture of the cluster. Regular expressions are RE2's, as in Kafka: their
 * time is linear in the names, so a client's expression cannot hold the owner loop up. Internal topics match none, nor do
 * topics that the member may not describe; topics subscribed to by name were checked when the member said so.
 */
final class TopicSubscriptions {
    /** Far more than anybody writes by hand; bounds what a client can make the broker compile. */
    private static final int MAX_REGEX_LENGTH = 1_000;

    /** Counted repetitions are written out when an expression is compiled, nested ones to their product. */
    static final int MAX_PROGRAM_SIZE = 10_000;

    private final ClusterView view;
    private final TopicVisibility visibility;
    private final Map<String, SortedMap<String, TopicInfo>> resolved = new HashMap<>();

    TopicSubscriptions(ClusterView view, TopicVisibility visibility) {
        this.view = view;
        this.visibility = visibility;
    }

    /** What is wrong with a regular expression, or {@code null}. */
    static @Nullable String problemOf(String regex) {
        if (regex.length() > MAX_REGEX_LENGTH) {
            return "The regular expression has " + regex.length() + " characters, at most " + MAX_REGEX_LENGTH
                    + " are allowed.";
        }
        if (RegexSize.of(regex) > MAX_PROGRAM_SIZE) {
            return "The regular expression's counted repetitions make it grow above " + MAX_PROGRAM_SIZE
                    + " elements; use smaller counts, or * and +.";
        }
        try {
            Pattern.compile(regex);
            return null;
        } catch (PatternSyntaxException e) {
            return "SubscribedTopicRegex " + regex + " is not a valid regular expression: " + e.getDescription() + ".";
        }
    }

    /** The existing topics a member subscribes to, by name. */
    SortedMap<String, TopicInfo> of(ConsumerMember member) {
        SortedMap<String, TopicInfo> topics = new TreeMap<>();
        for (String name : member.topicNames()) {
            TopicInfo topic = view.topic(name);
            if (topic != null) {
                topics.put(name, topic);
            }
        }
        if (member.topicRegex() != null) {
            resolved.computeIfAbsent(member.topicRegex(), this::resolve).forEach((name, topic) -> {
                if (visibility.shows(member.principal(), member.address(), name)) {
                    topics.put(name, topic);
                }
            });
        }
        return topics;
    }

    private SortedMap<String, TopicInfo> resolve(String regex) {
        Pattern pattern = Pattern.compile(regex);
        SortedMap<String, TopicInfo> matching = new TreeMap<>();
        view.topics().forEach((name, topic) -> {
            if (!ReservedNames.isInternalTopic(name) && pattern.matches(name)) {
                matching.put(name, topic);
            }
        });
        return matching;
    }

    /** A hash of ids and partition counts of all that {@code members} subscribe to; survives restarts. */
    long hash(Collection<ConsumerMember> members) {
        SortedMap<String, TopicInfo> all = new TreeMap<>();
        members.forEach(member -> all.putAll(of(member)));
        return hash(all);
    }

    /** As {@link #hash(Collection)}, of topics by name. */
    static long hash(SortedMap<String, TopicInfo> topics) {
        long hash = 17;
        for (TopicInfo topic : topics.values()) {
            hash = mix(hash, topic.id().getMostSignificantBits());
            hash = mix(hash, topic.id().getLeastSignificantBits());
            hash = mix(hash, topic.partitions().size());
        }
        return hash;
    }

    private static long mix(long hash, long value) {
        return Long.rotateLeft((hash ^ value) * 0x9E3779B97F4A7C15L, 31);
    }
}
