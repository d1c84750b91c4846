// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the demo runs, as the build leaves it.
 *
 * @param payaraMicro the server's jar
 * @param adapter the resource adapter; its file name is the adapter's name in the server
 * @param sample the sample's web archive
 * @param database the folder with the jars of the sample's database
 */
record DemoFiles(Path payaraMicro, Path adapter, Path sample, Path database) {

    /** System property the launcher sets: the folder that {@code millrace} stands in. */
    static final String HOME_PROPERTY = "millrace.home";

    static DemoFiles find(Path home) {
        return new DemoFiles(
                existing(home.resolve("ear-sample/target/payara-micro.jar")),
                existing(home.resolve("resource-adapter/target/millrace.rar")),
                existing(home.resolve("ear-sample/target/millrace-sample.war")),
                existing(home.resolve("ear-sample/target/database")));
    }

    private static Path existing(Path file) {
        if (!Files.exists(file)) {
            throw new DemoException(
                    "The demo needs " + file + ", which is not there; build it with 'mvn -B -DskipTests package'.");
        }
        return file;
    }
}
