// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.ConnectionUrl;
import io.millrace.protocol.message.Feature;
import jakarta.jms.JMSException;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XAQueueSession;
import jakarta.jms.XASession;
import jakarta.jms.XATopicConnection;
import jakarta.jms.XATopicSession;
import java.util.function.Function;

/** A connection that also makes XA sessions; these may work in one branch together. */
final class MillraceXAConnection extends MillraceConnection implements XAQueueConnection, XATopicConnection {
    private final XaDecision decisions = new XaDecision(this);
    private final XaBranches branches;

    private MillraceXAConnection(
            ConnectionUrl url,
            ConnectionOptions options,
            MillraceSession.Domain domain,
            Function<MillraceConnection, XaTimer> timer)
            throws JMSException {
        super(url, options, domain);
        this.branches = new XaBranches(decisions, timer.apply(this));
    }

    /** @param domain of a connection made as a queue's or a topic's */
    static MillraceXAConnection openXA(ConnectionUrl url, ConnectionOptions options, MillraceSession.Domain domain)
            throws JMSException {
        return openXA(url, options, domain, XaTimer::of);
    }

    /** @param timer by which its branches' time-outs pass */
    static MillraceXAConnection openXA(
            ConnectionUrl url,
            ConnectionOptions options,
            MillraceSession.Domain domain,
            Function<MillraceConnection, XaTimer> timer)
            throws JMSException {
        return new MillraceXAConnection(url, options, domain, timer);
    }

    @Override
    public XASession createXASession() throws JMSException {
        onUsed();
        return xaSession(MillraceSession.Domain.BOTH);
    }

    @Override
    public XAQueueSession createXAQueueSession() throws JMSException {
        onUsed();
        return xaSession(MillraceSession.Domain.QUEUES);
    }

    @Override
    public XATopicSession createXATopicSession() throws JMSException {
        onUsed();
        return xaSession(MillraceSession.Domain.TOPICS);
    }

    /** The client id may still be set after it. */
    MillraceXASession xaSession(MillraceSession.Domain domain) throws JMSException {
        features().require(Feature.XA, "An XA session");
        return add(core -> {
            XaMode mode = new XaMode(core);
            core.mode(mode);
            return new MillraceXASession(
                    this, core, domain, mode, new MillraceXAResource(core, mode, branches, decisions));
        });
    }
}
