// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.DestinationKind;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;

/**
 * A topic, by the name of the log that holds it, or as {@code topic:///NAME?from=...}: where a subscription that does not
 * exist yet starts, at the {@code earliest} record, behind the {@code latest} (as without it), or at the first record of a
 * time like {@code 2026-11-26T08:00:00Z} or of the last {@code PT2H}. Equality is by name alone.
 */
public sealed class MillraceTopic extends MillraceDestination implements Topic permits MillraceTemporaryTopic {
    private static final long serialVersionUID = 1L;

    private @Nullable String from;

    /** A topic to be named by {@link #setName}. */
    public MillraceTopic() {
        this("");
    }

    /** @throws IllegalArgumentException when the text is a URI that cannot be read */
    public MillraceTopic(String name) {
        this(DestinationUri.parse(DestinationKind.TOPIC, name));
    }

    /** A topic whose name is taken as it is. */
    MillraceTopic(DestinationUri uri) {
        super(uri.name());
        from = uri.from();
    }

    /** A topic that an application or another provider names. */
    static MillraceTopic named(@Nullable String text) throws InvalidDestinationException {
        if (text == null) {
            throw new InvalidDestinationException("A topic must have a name; it is null.");
        }
        try {
            return new MillraceTopic(text);
        } catch (IllegalArgumentException e) {
            throw JmsErrors.withCause(new InvalidDestinationException(e.getMessage()), e);
        }
    }

    /** @throws IllegalArgumentException when the text is a URI that cannot be read */
    @Override
    public void setName(String name) {
        DestinationUri uri = DestinationUri.parse(DestinationKind.TOPIC, name);
        super.setName(uri.name());
        if (uri.from() != null) {
            from = uri.from();
        }
    }

    /** Where a new subscription starts: earliest, latest, a time or a duration; {@code null} is latest. */
    @Override
    public @Nullable String getFrom() {
        return from;
    }

    /** @throws IllegalArgumentException when it is none of these */
    public void setFrom(@Nullable String from) {
        this.from = from == null || from.isEmpty() ? null : DestinationUri.checked(from);
    }

    @Override
    DestinationKind kind() {
        return DestinationKind.TOPIC;
    }

    @Override
    public String getTopicName() {
        return getName();
    }
}
