package org.oz4j.cli;

import picocli.CommandLine.IVersionProvider;

/** The version, out of the jar's manifest. */
final class OzVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = OzVersion.class.getPackage().getImplementationVersion();
        return new String[] {"oz " + (version == null ? "(not packaged)" : version)};
    }
}
