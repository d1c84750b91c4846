// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import io.millrace.ra.inbound.MillraceActivationSpec;
import io.millrace.ra.outbound.MillraceManagedConnectionFactory;
import io.millrace.ra.outbound.MillraceQueueManagedConnectionFactory;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers keep the adapter's beans in sets and compare them (Jakarta Connectors 2.1, sections 5.3.1 and 6.5.3). */
class EqualityTest {
    static Stream<Arguments> changes() {
        return Stream.of(
                change(MillraceResourceAdapter::new, (MillraceResourceAdapter a) -> a.setUrl("millrace://h:1")),
                change(MillraceResourceAdapter::new, (MillraceResourceAdapter a) -> a.setClientId("c")),
                change(MillraceResourceAdapter::new, (MillraceResourceAdapter a) -> a.setCommitWait(0)),
                change(MillraceManagedConnectionFactory::new, (MillraceManagedConnectionFactory f) -> f.setUrl("x")),
                change(MillraceManagedConnectionFactory::new, (MillraceManagedConnectionFactory f) -> f.setUser("u")),
                change(
                        MillraceManagedConnectionFactory::new,
                        (MillraceManagedConnectionFactory f) -> f.setPassword("p")),
                change(MillraceActivationSpec::new, (MillraceActivationSpec s) -> s.setDestination("d")),
                change(MillraceActivationSpec::new, (MillraceActivationSpec s) -> s.setMaxSession(2)),
                change(MillraceActivationSpec::new, (MillraceActivationSpec s) -> s.setSubscriptionName("n")));
    }

    private static <T> Arguments change(Supplier<T> make, Consumer<T> change) {
        return Arguments.of(make, change);
    }

    @ParameterizedTest
    @MethodSource("changes")
    void beansAreEqualWhenTheirPropertiesAre(Supplier<Object> make, Consumer<Object> change) {
        Object one = make.get();
        Object other = make.get();
        assertEquals(one, other);

        change.accept(one);
        assertNotEquals(one, other);

        change.accept(other);
        assertEquals(one, other);
        assertEquals(one.hashCode(), other.hashCode());
    }

    @Test
    void factoriesOfDifferentDefinitionsDiffer() {
        assertNotEquals(new MillraceManagedConnectionFactory(), new MillraceQueueManagedConnectionFactory());
    }

    @Test
    void aQueueIsNotTheTopicOfItsName() {
        assertNotEquals(new MillraceQueue("n"), new MillraceTopic("n"));
    }

    @Test
    void settingsDoNotShowThePassword() {
        assertFalse(new BrokerSettings("millrace://h:1", "u", "secret", null)
                .toString()
                .contains("secret"));
    }
}
