// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.kafka.SaslCodec;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.sasl.PlainToken;
import io.millrace.protocol.sasl.SaslFailure;
import io.millrace.protocol.sasl.ScramClient;
import io.millrace.protocol.sasl.ScramMechanism;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Proves to one broker who the client is, where the broker asks: by the first of SCRAM-SHA-512, SCRAM-SHA-256 and PLAIN
 * that it offers. Where what is proved ends after a time, proves it again before that (KIP-368). Owned by the link's event
 * loop.
 */
final class Login {
    private static final String PLAIN = "PLAIN";
    private static final List<String> PREFERRED =
            List.of(ScramMechanism.SHA_512.label(), ScramMechanism.SHA_256.label(), PLAIN);
    private static final double AGAIN_AFTER = 0.8;

    private final LinkHandler link;
    private final Channel channel;
    private final String software;
    private final String user;
    private final String password;
    private final long timeoutMs;

    /** @param timeoutMs for each answer, milliseconds */
    Login(LinkHandler link, Channel channel, String software, String user, String password, long timeoutMs) {
        this.link = link;
        this.channel = channel;
        this.software = software;
        this.user = user;
        this.password = password;
        this.timeoutMs = timeoutMs;
    }

    /** Fails with {@link ErrorCode#NOT_AUTHENTICATED} when the broker does not believe it. */
    CompletableFuture<Void> prove() {
        return ask("ApiVersions", id -> SaslCodec.apiVersions(channel.alloc(), id, software), SaslCodec::offersSasl)
                .thenCompose(asked -> asked ? negotiate() : CompletableFuture.completedFuture(null));
    }

    private CompletableFuture<Void> negotiate() {
        String best = PREFERRED.get(0);
        return handshake(best).thenCompose(answer -> {
            if (answer.accepted()) {
                return exchange(best);
            }
            for (String mechanism : PREFERRED) {
                if (answer.mechanisms().contains(mechanism)) {
                    return handshake(mechanism).thenCompose(again -> exchange(mechanism));
                }
            }
            return refused("The broker offers " + answer.mechanisms() + ", this client knows " + PREFERRED);
        });
    }

    private CompletableFuture<SaslCodec.Handshake> handshake(String mechanism) {
        return ask(
                        "SaslHandshake",
                        id -> SaslCodec.handshake(channel.alloc(), id, software, mechanism),
                        SaslCodec::decodeHandshake)
                .thenCompose(answer -> answer.status().isOk()
                        ? CompletableFuture.completedFuture(answer)
                        : CompletableFuture.failedFuture(ProviderException.refused(answer.status())));
    }

    private CompletableFuture<Void> exchange(String mechanism) {
        ScramMechanism scram = ScramMechanism.forLabel(mechanism);
        CompletableFuture<SaslCodec.Answer> last = scram == null
                ? token(new PlainToken(user, password).toBytes())
                : scram(new ScramClient(scram, user, password));
        return last.thenAccept(answer -> {
            if (answer.lifetimeMs() > 0) {
                var unused = channel.eventLoop()
                        .schedule(
                                () -> proveAgain(mechanism),
                                (long) (answer.lifetimeMs() * AGAIN_AFTER),
                                TimeUnit.MILLISECONDS);
            }
        });
    }

    private CompletableFuture<SaslCodec.Answer> scram(ScramClient client) {
        return token(client.first())
                .thenCompose(first -> checked(() -> client.prove(first.token())))
                .thenCompose(this::token)
                .thenCompose(last -> checked(() -> {
                    client.verify(last.token());
                    return last;
                }));
    }

    private CompletableFuture<SaslCodec.Answer> token(byte[] token) {
        return ask(
                        "SaslAuthenticate",
                        id -> SaslCodec.authenticate(channel.alloc(), id, software, token),
                        SaslCodec::decodeAuthenticate)
                .thenCompose(answer -> answer.status().isOk()
                        ? CompletableFuture.completedFuture(answer)
                        : CompletableFuture.failedFuture(ProviderException.refused(answer.status())));
    }

    private void proveAgain(String mechanism) {
        if (!channel.isActive()) {
            return;
        }
        var unused = handshake(mechanism)
                .thenCompose(answer -> exchange(mechanism))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        link.end(ProviderException.linkLost(
                                "User " + user + " could not authenticate again: " + failure.getMessage(), failure));
                    }
                });
    }

    /** A step of the exchange that the server's last message may make fail. */
    private static <T> CompletableFuture<T> checked(Step<T> step) {
        try {
            return CompletableFuture.completedFuture(step.take());
        } catch (SaslFailure failure) {
            return refused("The broker's side of the authentication is wrong: " + failure.getMessage());
        }
    }

    private static <T> CompletableFuture<T> refused(String message) {
        return CompletableFuture.failedFuture(
                ProviderException.refused(Status.of(ErrorCode.NOT_AUTHENTICATED, message)));
    }

    private <T> CompletableFuture<T> ask(String what, IntFunction<ByteBuf> encoder, Function<ByteBuf, T> decoder) {
        CompletableFuture<T> result = new CompletableFuture<>();
        link.send(encoder, new KafkaCall<>(what, decoder, result), timeoutMs);
        return result;
    }

    @FunctionalInterface
    private interface Step<T> {
        T take();
    }
}
