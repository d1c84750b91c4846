// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** Switches Jakarta REST on. */
@ApplicationPath("api")
public class Api extends Application {}
