// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import jakarta.jms.JMSException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jakarta Messaging 3.1, section 6.1.7. */
@Timeout(30)
class ExceptionTellerTest {
    @Test
    void callsDoNotOverlap() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        CountDownLatch goOn = new CountDownLatch(1);
        ExceptionTeller teller = new ExceptionTeller();
        teller.listen(told -> {
            seen.add("enter " + told.getMessage());
            try {
                goOn.await();
            } catch (InterruptedException e) {
                seen.add(e.toString());
            }
            seen.add("leave " + told.getMessage());
        });

        teller.tell(new JMSException("1"));
        teller.tell(new JMSException("2"));

        assertEquals("enter 1", seen.poll(10, TimeUnit.SECONDS));
        assertNull(seen.poll());
        goOn.countDown();
        assertEquals("leave 1", seen.poll(10, TimeUnit.SECONDS));
        assertEquals("enter 2", seen.poll(10, TimeUnit.SECONDS));
        assertEquals("leave 2", seen.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void aListenerThatThrowsIsCalledAgain() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        ExceptionTeller teller = new ExceptionTeller();
        teller.listen(told -> {
            seen.add(told.getMessage());
            throw new RuntimeException("on purpose");
        });

        teller.tell(new JMSException("1"));
        teller.tell(new JMSException("2"));

        assertEquals("1", seen.poll(10, TimeUnit.SECONDS));
        assertEquals("2", seen.poll(10, TimeUnit.SECONDS));
    }
}
