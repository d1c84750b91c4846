// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.QueueSession;
import jakarta.jms.TopicSession;
import jakarta.jms.XAQueueSession;
import jakarta.jms.XATopicSession;
import javax.transaction.xa.XAResource;

/** A session whose transactions a transaction manager ends, by its {@link XAResource}. */
final class MillraceXASession extends MillraceSession implements XAQueueSession, XATopicSession {
    private final XaMode mode;
    private final MillraceXAResource resource;

    MillraceXASession(
            MillraceXAConnection connection,
            SessionCore core,
            Domain domain,
            XaMode mode,
            MillraceXAResource resource) {
        super(connection, core, domain);
        this.mode = mode;
        this.resource = resource;
    }

    @Override
    public MillraceSession getSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public QueueSession getQueueSession() throws JMSException {
        return getSession();
    }

    @Override
    public TopicSession getTopicSession() throws JMSException {
        return getSession();
    }

    @Override
    public XAResource getXAResource() {
        return resource;
    }

    /** See {@link XaDeliveries#inBranches}. */
    void deliverInBranches() {
        mode.deliverInBranches();
    }

    @Override
    public void commit() throws JMSException {
        checkOpen();
        mode.commit();
    }

    @Override
    public void rollback() throws JMSException {
        checkOpen();
        mode.rollback();
    }

    /** A branch that has received messages here can only be rolled back then; what was sent in it stays in it. */
    @Override
    public void close() throws JMSException {
        checkMayClose();
        resource.onClosing();
        mode.onClosing();
        super.close();
    }
}
