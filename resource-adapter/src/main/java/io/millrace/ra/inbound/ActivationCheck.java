// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.jms.MillraceTopic;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import jakarta.resource.spi.InvalidPropertyException;
import java.beans.IntrospectionException;
import java.beans.PropertyDescriptor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds everything wrong with an activation spec, so that a developer mends it in one go. */
final class ActivationCheck {
    static final String DURABLE = "Durable";

    private final MillraceActivationSpec spec;
    private final Map<String, String> faults = new LinkedHashMap<>();

    private ActivationCheck(MillraceActivationSpec spec) {
        this.spec = spec;
    }

    static void check(MillraceActivationSpec spec) throws InvalidPropertyException {
        ActivationCheck check = new ActivationCheck(spec);
        check.destination();
        check.oneOf("acknowledgeMode", spec.getAcknowledgeMode(), Set.of("Auto-acknowledge", "Dups-ok-acknowledge"));
        check.subscription();
        check.sessions();
        check.redelivery();
        check.report();
    }

    private void destination() {
        if (isBlank(spec.getDestinationLookup()) && isBlank(spec.getDestination())) {
            faults.put("destinationLookup", "or 'destination' must name the queue or topic");
        }
        oneOf("destinationType", spec.getDestinationType(), Set.of(Queue.class.getName(), Topic.class.getName()));
        if (isBlank(spec.getDestinationLookup()) && isBlank(spec.getDestinationType())) {
            faults.put("destinationType", "must be jakarta.jms.Queue or jakarta.jms.Topic without a destinationLookup");
        }
    }

    private void subscription() {
        oneOf("subscriptionDurability", spec.getSubscriptionDurability(), Set.of(DURABLE, "NonDurable"));
        boolean needsName = DURABLE.equals(spec.getSubscriptionDurability()) || spec.isShareSubscriptions();
        if (needsName && isBlank(spec.getSubscriptionName())) {
            faults.put("subscriptionName", "is required for a durable or shared subscription");
        }
        from();
        if (needsName && Queue.class.getName().equals(spec.getDestinationType())) {
            faults.put("subscriptionDurability", "and shareSubscriptions are for topics, destinationType is a queue");
        }
    }

    private void from() {
        String from = spec.getFrom();
        if (isBlank(from)) {
            return;
        }
        if (Queue.class.getName().equals(spec.getDestinationType())) {
            faults.put("from", "is for topics, destinationType is a queue");
        }
        try {
            new MillraceTopic().setFrom(from);
        } catch (IllegalArgumentException e) {
            faults.put("from", "cannot be read: " + e.getMessage());
        }
    }

    private void sessions() {
        range("maxSession", spec.getMaxSession(), 1, MillraceActivationSpec.MAX_SESSION_LIMIT);
        range("minSession", spec.getMinSession(), 1, MillraceActivationSpec.MAX_SESSION_LIMIT);
        if (spec.getMinSession() > spec.getMaxSession() && !faults.containsKey("maxSession")) {
            faults.put("minSession", "is " + spec.getMinSession() + ", more than maxSession, " + spec.getMaxSession());
        }
        range("prefetch", spec.getPrefetch(), 1, MillraceActivationSpec.PREFETCH_LIMIT);
    }

    private void redelivery() {
        range("redeliveryLimit", spec.getRedeliveryLimit(), -1, MillraceActivationSpec.REDELIVERY_LIMIT);
        range("redeliveryDelay", spec.getRedeliveryDelay(), -1, MillraceActivationSpec.DELAY_LIMIT_MS);
        range("redeliveryMaxDelay", spec.getRedeliveryMaxDelay(), -1, MillraceActivationSpec.DELAY_LIMIT_MS);
        double multiplier = spec.getRedeliveryMultiplier();
        if (multiplier != 0 && !(multiplier >= 1 && multiplier <= 1_000)) {
            faults.put("redeliveryMultiplier", "must be 0 or 1 to 1000, not " + multiplier);
        }
        String letters = spec.getDeadLetterQueue();
        if (letters != null
                && !letters.isBlank()
                && letters.equals(spec.getDestination())
                && isBlank(spec.getDestinationLookup())) {
            faults.put("deadLetterQueue", "is the destination itself, '" + letters + "'; name another queue");
        }
    }

    private void range(String property, long value, long min, long max) {
        if (value < min || value > max) {
            faults.put(property, "must be " + min + " to " + max + ", not " + value);
        }
    }

    private void oneOf(String property, @Nullable String value, Set<String> allowed) {
        if (!isBlank(value) && !allowed.contains(value)) {
            faults.put(property, "must be one of " + allowed.stream().sorted().toList() + ", not '" + value + "'");
        }
    }

    private void report() throws InvalidPropertyException {
        if (faults.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder("Wrong activation properties: ");
        faults.forEach((property, fault) ->
                text.append(property).append(' ').append(fault).append("; "));
        text.setLength(text.length() - 2);
        InvalidPropertyException failure = new InvalidPropertyException(text.toString());
        PropertyDescriptor[] descriptors = new PropertyDescriptor[faults.size()];
        int next = 0;
        for (String property : faults.keySet()) {
            descriptors[next++] = descriptor(property);
        }
        failure.setInvalidPropertyDescriptors(descriptors);
        throw failure;
    }

    private static PropertyDescriptor descriptor(String property) throws InvalidPropertyException {
        try {
            return new PropertyDescriptor(property, MillraceActivationSpec.class);
        } catch (IntrospectionException e) {
            throw new InvalidPropertyException("Not a property of the activation spec: " + property, e);
        }
    }

    private static boolean isBlank(@Nullable String value) {
        return value == null || value.isBlank();
    }
}
