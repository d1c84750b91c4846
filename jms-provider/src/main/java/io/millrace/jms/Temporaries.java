// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.CreateTemporary;
import io.millrace.protocol.message.DeleteTemporary;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.PlainResponse;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Makes and deletes the temporary destinations of one connection; the broker remembers which are its, and ends them with
 * it. Safe for any thread.
 */
final class Temporaries {
    private final MillraceConnection connection;
    private final Set<String> names = ConcurrentHashMap.newKeySet();

    Temporaries(MillraceConnection connection) {
        this.connection = connection;
    }

    MillraceTemporaryQueue createQueue() throws JMSException {
        return new MillraceTemporaryQueue(create(DestinationKind.QUEUE, "A temporary queue"), this);
    }

    MillraceTemporaryTopic createTopic() throws JMSException {
        return new MillraceTemporaryTopic(create(DestinationKind.TOPIC, "A temporary topic"), this);
    }

    private String create(DestinationKind kind, String what) throws JMSException {
        connection.features().require(Feature.TEMPORARY_DESTINATIONS, what);
        return connection.resumption().whileUp(() -> {
            var created = connection.home().request(new CreateTemporary(kind), CreateTemporary.Response.class);
            String name = JmsErrors.await(created, what).name();
            names.add(name);
            return name;
        });
    }

    /** The links were lost, and with them what lived with one of them: whoever uses it hears that it is gone. */
    void onOutage() {
        names.clear();
    }

    static void delete(@Nullable Temporaries owner, MillraceDestination temporary) throws JMSException {
        if (owner == null) {
            throw new JMSException(
                    "Only the connection that made " + temporary + " can delete it; it ends with that connection.",
                    "MILLRACE_NOT_OWNER");
        }
        owner.delete(temporary);
    }

    private void delete(MillraceDestination temporary) throws JMSException {
        connection.checkUsable();
        try {
            var unused = JmsErrors.await(request(temporary.getName()), "Deleting " + temporary);
            names.remove(temporary.getName());
        } catch (JMSException e) {
            throw isInUse(e) ? JmsErrors.withCause(new IllegalStateException(e.getMessage(), "MILLRACE_IN_USE"), e) : e;
        } finally {
            connection.routes().forget(temporary);
        }
    }

    private CompletableFuture<PlainResponse> request(String name) {
        return connection.home().request(new DeleteTemporary(name), PlainResponse.class);
    }

    /**
     * The connection closes, its sessions are closed: returns when all are deleted, so that nobody sends to one after
     * {@code Connection.close}. Where the broker cannot be asked any more, it deletes them by itself.
     */
    void close() {
        CompletableFuture<?>[] deleting = names.stream().map(this::request).toArray(CompletableFuture<?>[]::new);
        names.clear();
        CompletableFuture.allOf(deleting).handle((done, failure) -> "").join();
    }

    private static boolean isInUse(JMSException failure) {
        Throwable cause = failure.getCause();
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof ProviderException known
                && known.kind() == ProviderException.Kind.REFUSED
                && known.code() == ErrorCode.IN_USE;
    }
}
