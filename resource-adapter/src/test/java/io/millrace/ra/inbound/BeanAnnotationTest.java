// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.resource.spi.InvalidPropertyException;
import org.junit.jupiter.api.Test;

/** Activation properties that a server would drop in silence. */
class BeanAnnotationTest {
    @MessageDriven(
            activationConfig = {
                @ActivationConfigProperty(propertyName = "destination", propertyValue = "orders"),
                @ActivationConfigProperty(propertyName = "maxSessions", propertyValue = "3"),
                @ActivationConfigProperty(propertyName = "quux", propertyValue = "1")
            })
    private static final class Misspelt implements MessageListener {
        @Override
        public void onMessage(Message message) {}
    }

    @MessageDriven(
            activationConfig = {
                @ActivationConfigProperty(propertyName = "resourceAdapter", propertyValue = "millrace"),
                @ActivationConfigProperty(propertyName = "DestinationType", propertyValue = "jakarta.jms.Queue"),
                @ActivationConfigProperty(propertyName = "maxSession", propertyValue = "3")
            })
    private static final class Known implements MessageListener {
        @Override
        public void onMessage(Message message) {}
    }

    @Test
    void unknownPropertyIsRefusedWithTheNearestKnownOneAndTheListOfAll() {
        InvalidPropertyException failure =
                assertThrows(InvalidPropertyException.class, () -> BeanAnnotation.check(Misspelt.class));

        String text = failure.getMessage();
        assertTrue(text.contains("'maxSessions' (did you mean 'maxSession'?), 'quux';"), text);
        assertTrue(text.contains("subscriptionDurability"), text);
    }

    @Test
    void knownOnesAndThoseOfTheServerAreTaken() {
        assertDoesNotThrow(() -> BeanAnnotation.check(Known.class));
    }

    @Test
    void beanWithoutAnnotationOrClassIsTaken() {
        assertDoesNotThrow(() -> BeanAnnotation.check(String.class));
        assertDoesNotThrow(() -> BeanAnnotation.check(null));
    }
}
