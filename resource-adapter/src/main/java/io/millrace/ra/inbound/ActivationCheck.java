// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

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

    private static final int MAX_SESSION_LIMIT = 1_000;

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
        if (spec.getMaxSession() < 1 || spec.getMaxSession() > MAX_SESSION_LIMIT) {
            check.faults.put("maxSession", "must be 1 to " + MAX_SESSION_LIMIT + ", not " + spec.getMaxSession());
        }
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
        if (needsName && Queue.class.getName().equals(spec.getDestinationType())) {
            faults.put("subscriptionDurability", "and shareSubscriptions are for topics, destinationType is a queue");
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
