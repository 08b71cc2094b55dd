package org.oz4j.engine;

import org.oz4j.Customizer;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.IcicleGenerator;
import org.oz4j.Installer;
import org.oz4j.Plan;
import org.oz4j.UnsupportedOsException;
import org.oz4j.engine.OzEngine.Engine;
import org.oz4j.engine.PluginRegistry.Match;
import org.oz4j.spi.OsRelease;
import org.oz4j.template.Template;

/** One guest behind the front door. */
record EngineGuest(Engine engine, Match match, Template template, GuestOptions options) implements Guest {
    @Override
    public OsRelease release() {
        return match.release();
    }

    @Override
    public Plan plan(boolean secrets) throws InterruptedException {
        return new Planner(engine, match, template, options, secrets).plan();
    }

    @Override
    public Installer installer() {
        return (listener, token) -> new InstallBuild(engine, match, template, options, listener).run(token);
    }

    @Override
    public Customizer customizer() {
        throw noWayIn();
    }

    @Override
    public IcicleGenerator icicleGenerator() {
        throw noWayIn();
    }

    private UnsupportedOsException noWayIn() {
        return new UnsupportedOsException(
                release().title(),
                "No way into an installed " + release().title() + " is known to this version of Oz",
                "Install without customising");
    }
}
