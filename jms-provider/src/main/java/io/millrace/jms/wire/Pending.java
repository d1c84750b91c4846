// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.provider.ProviderException;
import io.netty.buffer.ByteBuf;

/** A request that waits for its answer. Lives on the link's thread. */
interface Pending {

    /** What was asked, for messages. */
    String what();

    /** The answer is here; the frame is borrowed. A frame that cannot be read throws, which ends the link. */
    void onAnswer(ByteBuf frame);

    void onFailure(ProviderException cause);
}
