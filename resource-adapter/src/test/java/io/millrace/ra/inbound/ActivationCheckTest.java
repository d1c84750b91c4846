// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ra.BrokerSettings;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.InvalidPropertyException;
import java.beans.PropertyDescriptor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ActivationCheckTest {
    private static final BrokerSettings ADAPTER = new BrokerSettings("millrace://adapter:1", "a", "b", null);

    private static MillraceActivationSpec queue() {
        MillraceActivationSpec spec = new MillraceActivationSpec();
        spec.setDestination("orders");
        spec.setDestinationType("jakarta.jms.Queue");
        return spec;
    }

    private static MillraceActivationSpec topic() {
        MillraceActivationSpec spec = queue();
        spec.setDestinationType("jakarta.jms.Topic");
        return spec;
    }

    @Test
    void acceptsAQueueByName() {
        assertDoesNotThrow(queue()::validate);
    }

    @Test
    void acceptsALookupWithoutAType() {
        MillraceActivationSpec spec = new MillraceActivationSpec();
        spec.setDestinationLookup("java:app/jms/orders");

        assertDoesNotThrow(spec::validate);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("acknowledgeMode", spec -> spec.setAcknowledgeMode("Client-acknowledge")),
                fault("destinationType", spec -> spec.setDestinationType("javax.jms.Queue")),
                fault("destinationType", spec -> spec.setDestinationType(null)),
                fault("subscriptionDurability", spec -> spec.setSubscriptionDurability("durable")),
                fault("maxSession", spec -> spec.setMaxSession(0)),
                fault("maxSession", spec -> spec.setMaxSession(1_001)),
                fault("destinationLookup", spec -> spec.setDestination(" ")));
    }

    private static Arguments fault(String property, Consumer<MillraceActivationSpec> change) {
        return Arguments.of(property, change);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void namesTheWrongProperty(String property, Consumer<MillraceActivationSpec> change) {
        MillraceActivationSpec spec = queue();
        change.accept(spec);

        InvalidPropertyException failure = assertThrows(InvalidPropertyException.class, spec::validate);

        assertEquals(List.of(property), names(failure));
        assertTrue(failure.getMessage().contains(property), failure.getMessage());
    }

    @Test
    void namesAllWrongPropertiesAtOnce() {
        MillraceActivationSpec spec = queue();
        spec.setMaxSession(-1);
        spec.setAcknowledgeMode("never");

        InvalidPropertyException failure = assertThrows(InvalidPropertyException.class, spec::validate);

        assertEquals(List.of("acknowledgeMode", "maxSession"), names(failure));
    }

    @Test
    void aSharedSubscriptionNeedsAName() {
        MillraceActivationSpec spec = topic();
        spec.setShareSubscriptions(true);

        InvalidPropertyException failure = assertThrows(InvalidPropertyException.class, spec::validate);

        assertEquals(List.of("subscriptionName"), names(failure));
    }

    @Test
    void aDurableSubscriptionThatIsNotSharedNeedsAClientId() throws ResourceException {
        MillraceActivationSpec spec = topic();
        spec.setSubscriptionDurability("Durable");
        spec.setSubscriptionName("s");

        ResourceException failure = assertThrows(ResourceException.class, () -> Subscription.of(spec, ADAPTER));

        assertTrue(failure.getMessage().contains("clientId"), failure.getMessage());
        spec.setClientId("c");
        assertEquals(1, Subscription.of(spec, ADAPTER).maxSessions());
    }

    @Test
    void aSharedSubscriptionHasAllItsSessions() throws ResourceException {
        MillraceActivationSpec spec = topic();
        spec.setShareSubscriptions(true);
        spec.setSubscriptionName("s");

        assertEquals(
                MillraceActivationSpec.DEFAULT_MAX_SESSION,
                Subscription.of(spec, ADAPTER).maxSessions());
    }

    @Test
    void takesTheAdaptersSettingsWhereTheSpecHasNone() throws ResourceException {
        MillraceActivationSpec spec = queue();
        spec.setUrl("millrace://own:2");

        Subscription subscription = Subscription.of(spec, ADAPTER);

        assertEquals(new BrokerSettings("millrace://own:2", "a", "b", null), subscription.settings());
        assertEquals(MillraceActivationSpec.DEFAULT_MAX_SESSION, subscription.maxSessions());
    }

    @Test
    void anUnsharedTopicHasOneSessionSoThatEachMessageComesOnce() throws ResourceException {
        assertEquals(1, Subscription.of(topic(), ADAPTER).maxSessions());
    }

    private static List<String> names(InvalidPropertyException failure) {
        return Arrays.stream(failure.getInvalidPropertyDescriptors())
                .map(PropertyDescriptor::getName)
                .toList();
    }
}
