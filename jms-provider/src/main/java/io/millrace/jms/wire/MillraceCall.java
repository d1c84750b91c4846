// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.kafka.ResponseDecoder;
import io.millrace.protocol.message.MillraceApi;
import io.millrace.protocol.message.MillraceResponse;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;

/**
 * A request of Millrace's own that waits for its answer.
 *
 * @param api what was asked
 * @param answerType what the answer is read as
 * @param result completed once, on the link's thread
 */
record MillraceCall<R extends MillraceResponse>(MillraceApi api, Class<R> answerType, CompletableFuture<R> result)
        implements Pending {
    @Override
    public String what() {
        return api.name();
    }

    @Override
    public void onAnswer(ByteBuf frame) {
        MillraceResponse answer = ResponseDecoder.decode(frame, api);
        if (!answer.status().isOk()) {
            answer.release();
            result.completeExceptionally(ProviderException.refused(answer.status()));
        } else if (!result.complete(answerType.cast(answer))) {
            answer.release();
        }
    }

    @Override
    public void onFailure(ProviderException cause) {
        result.completeExceptionally(cause);
    }
}
