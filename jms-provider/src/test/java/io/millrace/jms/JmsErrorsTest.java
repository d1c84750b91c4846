// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionRolledBackException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Jakarta Messaging 3.1, section 10.3. */
class JmsErrorsTest {
    static Stream<JMSException> withTwin() {
        return Stream.of(
                new IllegalStateException("why", "CODE"),
                new InvalidClientIDException("why", "CODE"),
                new InvalidDestinationException("why", "CODE"),
                new InvalidSelectorException("why", "CODE"),
                new JMSSecurityException("why", "CODE"),
                new MessageFormatException("why", "CODE"),
                new MessageNotWriteableException("why", "CODE"),
                new ResourceAllocationException("why", "CODE"),
                new TransactionInProgressException("why", "CODE"),
                new TransactionRolledBackException("why", "CODE"));
    }

    @ParameterizedTest
    @MethodSource("withTwin")
    void everyExceptionHasItsTwin(JMSException checked) {
        JMSRuntimeException unchecked = JmsErrors.unchecked(checked);

        assertEquals(
                checked.getClass().getName().replaceAll("Exception$", "RuntimeException"),
                unchecked.getClass().getName());
        assertEquals("why", unchecked.getMessage());
        assertEquals("CODE", unchecked.getErrorCode());
        assertSame(checked, unchecked.getCause());
    }

    static Stream<JMSException> withoutTwin() {
        return Stream.of(
                new JMSException("why", "CODE"),
                new MessageEOFException("why", "CODE"),
                new MessageNotReadableException("why", "CODE"));
    }

    @ParameterizedTest
    @MethodSource("withoutTwin")
    void thoseWithoutATwinAreJmsRuntimeExceptions(JMSException checked) {
        assertEquals(JMSRuntimeException.class, JmsErrors.unchecked(checked).getClass());
    }
}
