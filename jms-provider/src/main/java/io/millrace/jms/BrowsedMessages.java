// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.message.MillraceMessage;
import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.Browse;
import io.millrace.protocol.message.SubscriptionKind;
import jakarta.jms.JMSException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;

/**
 * One look at a queue: the end of the snapshot is fixed on every partition when it is made, the messages come page by
 * page, at most one page of each partition is in memory. For the session's thread.
 */
final class BrowsedMessages implements Iterator<MillraceMessage> {
    private static final int PAGE_MESSAGES = 500;
    private static final int PAGE_BYTES = 256 << 10;

    private final MillraceQueueBrowser browser;
    private final Receiver origin;
    /** What is left of each partition, the one being looked at first. */
    private final ArrayDeque<Part> parts = new ArrayDeque<>();

    private final ArrayDeque<Delivery> page = new ArrayDeque<>();

    private record Part(BrokerLink link, int partition, CompletableFuture<Page> next) {}

    /** A page, decoded as it came, so that no buffer waits for an application that may never ask for it. */
    private record Page(List<Delivery> messages, long nextOffset, long endOffset) {}

    BrowsedMessages(MillraceQueueBrowser browser, Route route) throws JMSException {
        this.browser = browser;
        this.origin = new Receiver(
                browser.session().core(), -1, browser.destination(), Subscription.of(SubscriptionKind.QUEUE));
        for (int partition = 0; partition < route.leaders().size(); partition++) {
            BrokerLink link = route.leaders().get(partition);
            parts.add(new Part(link, partition, ask(link, partition, 0, Browse.NOW)));
        }
        for (Part part : parts) {
            var unused = await(part);
        }
    }

    private CompletableFuture<Page> ask(BrokerLink link, int partition, long from, long end) {
        Browse request = new Browse(
                browser.destination().getName(), partition, from, end, browser.selector(), PAGE_MESSAGES, PAGE_BYTES);
        SessionLink at = browser.session().core().at(link);
        return link.request(request, Browse.Response.class).thenApply(answer -> {
            try {
                return new Page(Leg.decode(origin, at, 0, answer.runs()), answer.nextOffset(), answer.endOffset());
            } finally {
                answer.release();
            }
        });
    }

    private Page await(Part part) throws JMSException {
        return JmsErrors.await(part.next, "Browsing " + browser.destination());
    }

    @Override
    public boolean hasNext() {
        JmsErrors.uncheckedRun(this::fill);
        return !page.isEmpty();
    }

    @Override
    public MillraceMessage next() {
        if (!hasNext()) {
            throw new NoSuchElementException("There is no further message in " + browser.destination() + ".");
        }
        MillraceMessage message =
                Messages.received(page.remove(), browser.session().mode());
        message.received(1, false, () -> {}); // it is not received: nothing is there to acknowledge
        return message;
    }

    private void fill() throws JMSException {
        browser.checkOpen();
        while (page.isEmpty() && !parts.isEmpty()) {
            Part part = parts.element();
            Page next = await(part);
            parts.remove();
            page.addAll(next.messages);
            if (next.nextOffset < next.endOffset) {
                parts.addFirst(new Part(
                        part.link, part.partition, ask(part.link, part.partition, next.nextOffset, next.endOffset)));
            }
        }
    }
}
