// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.ra.TestXid;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/** A deployed bean whose deliveries run in transactions of a server that is a test: with one and with two phases, in turn. */
final class TransactedBean implements MessageEndpointFactory {
    /** Texts with their delivery counts, as they came. */
    final List<String> heard = new CopyOnWriteArrayList<>();

    private final Function<String, End> work;
    private final int timeoutSeconds;

    /** How a delivery's transaction ends. */
    enum End {
        COMMIT,
        ROLLBACK,
        THROW,
        /** The server cannot begin a transaction. */
        NO_BEGIN
    }

    /** @param work by the text and its delivery count, joined */
    TransactedBean(Function<String, End> work) {
        this(work, 0);
    }

    /** @param timeoutSeconds of its transactions; 0 for none */
    TransactedBean(Function<String, End> work, int timeoutSeconds) {
        this.work = work;
        this.timeoutSeconds = timeoutSeconds;
    }

    @Override
    public MessageEndpoint createEndpoint(@Nullable XAResource resource) {
        return new Instance(resource);
    }

    @Override
    public MessageEndpoint createEndpoint(@Nullable XAResource resource, long timeoutMs) {
        return createEndpoint(resource);
    }

    @Override
    public boolean isDeliveryTransacted(Method method) {
        return true;
    }

    @Override
    public String getActivationName() {
        return "TransactedBean";
    }

    @Override
    public Class<?> getEndpointClass() {
        return TransactedBean.class;
    }

    private final class Instance implements MessageEndpoint, MessageListener {
        private final XAResource resource;
        private TestXid xid = TestXid.fresh();
        private End end = End.COMMIT;
        private boolean twoPhases;

        Instance(XAResource resource) {
            this.resource = resource;
        }

        @Override
        public void beforeDelivery(Method method) throws ResourceException {
            if (work.apply("begin") == End.NO_BEGIN) {
                throw new ResourceException("no transaction");
            }
            xid = TestXid.fresh();
            try {
                resource.setTransactionTimeout(timeoutSeconds);
                resource.start(xid, XAResource.TMNOFLAGS);
            } catch (XAException e) {
                throw new ResourceException(e);
            }
        }

        @Override
        public void onMessage(Message message) {
            try {
                String what = message.getBody(String.class) + message.getIntProperty("JMSXDeliveryCount");
                heard.add(what);
                end = work.apply(what);
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
            if (end == End.THROW) {
                throw new IllegalStateException("as asked for");
            }
        }

        @Override
        public void afterDelivery() throws ResourceException {
            twoPhases = !twoPhases;
            try {
                end();
                if (twoPhases) {
                    resource.prepare(xid);
                }
                if (end == End.COMMIT) {
                    resource.commit(xid, !twoPhases);
                } else {
                    resource.rollback(xid);
                }
            } catch (XAException e) {
                throw new ResourceException(e);
            }
        }

        /** A branch that cannot be ended well is rolled back, as transaction managers do. */
        private void end() throws XAException {
            try {
                resource.end(xid, XAResource.TMSUCCESS);
            } catch (XAException e) {
                resource.rollback(xid);
                throw e;
            }
        }

        @Override
        public void release() {
            // Nothing is held.
        }
    }
}
