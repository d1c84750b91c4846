// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.MillraceSession.Domain;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XAQueueConnectionFactory;
import jakarta.jms.XATopicConnection;
import jakarta.jms.XATopicConnectionFactory;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections whose sessions take part in the transactions of a Jakarta transaction manager. Outside of a
 * transaction an XA session sends at once and acknowledges by itself. Everything else is as with
 * {@link MillraceConnectionFactory}, which it also is.
 */
public final class MillraceXAConnectionFactory extends MillraceConnectionFactory
        implements XAQueueConnectionFactory, XATopicConnectionFactory {
    @Serial
    private static final long serialVersionUID = 1L;

    /** A factory for a broker on this machine. */
    public MillraceXAConnectionFactory() {}

    public MillraceXAConnectionFactory(String url) {
        super(url);
    }

    @Override
    public XAConnection createXAConnection() throws JMSException {
        return xa(null, null, Domain.BOTH);
    }

    @Override
    public XAConnection createXAConnection(@Nullable String userName, @Nullable String password) throws JMSException {
        return xa(userName, password, Domain.BOTH);
    }

    @Override
    public XAQueueConnection createXAQueueConnection() throws JMSException {
        return xa(null, null, Domain.QUEUES);
    }

    @Override
    public XAQueueConnection createXAQueueConnection(@Nullable String userName, @Nullable String password)
            throws JMSException {
        return xa(userName, password, Domain.QUEUES);
    }

    @Override
    public XATopicConnection createXATopicConnection() throws JMSException {
        return xa(null, null, Domain.TOPICS);
    }

    @Override
    public XATopicConnection createXATopicConnection(@Nullable String userName, @Nullable String password)
            throws JMSException {
        return xa(userName, password, Domain.TOPICS);
    }

    @Override
    public XAJMSContext createXAContext() {
        return createXAContext(null, null);
    }

    @Override
    public XAJMSContext createXAContext(@Nullable String userName, @Nullable String password) {
        return MillraceXAContext.openXA(() -> xa(userName, password, Domain.BOTH));
    }

    private MillraceXAConnection xa(@Nullable String userName, @Nullable String password, Domain domain)
            throws JMSException {
        return connecting(
                userName, password, (parsed, settings) -> MillraceXAConnection.openXA(parsed, settings, domain));
    }
}
