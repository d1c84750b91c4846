// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.provider.ProviderException;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A Kafka request that waits for its answer.
 *
 * @param what what was asked, for messages
 * @param decoder reads the answer; the frame is borrowed
 * @param result completed once, on the link's thread
 */
record KafkaCall<T>(String what, Function<ByteBuf, T> decoder, CompletableFuture<T> result) implements Pending {
    @Override
    public void onAnswer(ByteBuf frame) {
        result.complete(decoder.apply(frame));
    }

    @Override
    public void onFailure(ProviderException cause) {
        result.completeExceptionally(cause);
    }
}
