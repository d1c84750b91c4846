// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceXAConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker with little memory and prepared branches that take several times as much; it is killed between. */
@Timeout(240)
class LargeTransactionMemoryTest {
    private static final MillraceQueue OUT = new MillraceQueue("out");
    private static final int BRANCHES = 12;
    private static final int MESSAGES = 64;
    /** 192 MiB together. */
    private static final int MESSAGE_BYTES = 256 << 10;

    @TempDir
    Path directory;

    private record Branch(int number) implements Xid {
        @Override
        public int getFormatId() {
            return 7;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return new byte[] {1, (byte) number};
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {1};
        }
    }

    @Test
    void branchesOfThreeTimesTheBrokersHeapArePreparedSurviveAKillAndAreCommitted() throws Exception {
        try (KilledBroker broker = new KilledBroker(
                        directory, 0, KilledBroker.freePort(), Map.of("jms.xa.prepared.max.bytes", "1048576"))
                .withMemory("-Xmx64m", "-XX:MaxDirectMemorySize=96m")) {
            broker.start();
            try (XAConnection connection = new MillraceXAConnectionFactory(
                                    broker.url() + "&transactionRequestBytes=1048576")
                            .createXAConnection();
                    XASession session = connection.createXASession()) {
                XAResource resource = session.getXAResource();
                for (int i = 0; i < BRANCHES; i++) {
                    prepare(session, resource, new Branch(i));
                }
                broker.kill();
                broker.start();

                for (int i = 0; i < BRANCHES; i++) {
                    resource.commit(new Branch(i), false);
                }
            }
            assertEquals(expected(), received(broker));
        }
    }

    private static void prepare(XASession session, XAResource resource, Branch branch) throws Exception {
        resource.start(branch, XAResource.TMNOFLAGS);
        MessageProducer producer = session.createProducer(OUT);
        for (int i = 0; i < MESSAGES; i++) {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(new byte[MESSAGE_BYTES]);
            message.setIntProperty("number", branch.number * MESSAGES + i);
            producer.send(message);
        }
        resource.end(branch, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(branch));
    }

    private static List<Integer> expected() {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < BRANCHES * MESSAGES; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    private static List<Integer> received(KilledBroker broker) throws Exception {
        List<Integer> numbers = new ArrayList<>();
        try (JMSContext context = new MillraceConnectionFactory(broker.url() + "&prefetch=10").createContext();
                JMSConsumer consumer = context.createConsumer(OUT)) {
            for (Message message = consumer.receiveNoWait(); message != null; message = consumer.receiveNoWait()) {
                numbers.add(message.getIntProperty("number"));
            }
        }
        return numbers;
    }
}
