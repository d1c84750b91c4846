// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import io.millrace.broker.auth.AuthenticationException;
import io.millrace.broker.auth.ClientSession;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;

/** SaslAuthenticate: a token of the exchange; the last answer tells when to authenticate again (KIP-368). */
final class SaslAuthenticateHandler implements KafkaHandler<SaslAuthenticateRequestData> {
    private static final String REFUSED = "Authentication failed: wrong user name or password";

    @Override
    public CompletionStage<SaslAuthenticateResponseData> handle(
            RequestContext context, SaslAuthenticateRequestData request) {
        ClientSession session = context.connection().session();
        SaslAuthenticateResponseData response = new SaslAuthenticateResponseData();
        try {
            response.setAuthBytes(session.answer(request.authBytes())).setSessionLifetimeMs(session.lifetimeMs());
        } catch (AuthenticationException failure) {
            boolean secret = failure.code() == AuthenticationException.Code.FAILED;
            response.setErrorCode(SaslHandshakeHandler.error(failure).code())
                    .setErrorMessage(secret ? REFUSED : failure.getMessage());
        }
        return CompletableFuture.completedFuture(response);
    }
}
