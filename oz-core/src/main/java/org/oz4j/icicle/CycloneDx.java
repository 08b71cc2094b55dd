package org.oz4j.icicle;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import org.cyclonedx.Version;
import org.cyclonedx.exception.GeneratorException;
import org.cyclonedx.generators.BomGeneratorFactory;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Dependency;
import org.cyclonedx.model.ExternalReference;
import org.cyclonedx.model.Hash;
import org.cyclonedx.model.License;
import org.cyclonedx.model.LicenseChoice;
import org.cyclonedx.model.Metadata;
import org.cyclonedx.model.OrganizationalEntity;
import org.cyclonedx.model.Property;
import org.cyclonedx.model.formulation.Formula;
import org.cyclonedx.model.formulation.FormulationCommon.TaskType;
import org.cyclonedx.model.formulation.Workflow;
import org.cyclonedx.model.formulation.common.InputType;
import org.cyclonedx.model.formulation.common.ResourceReferenceChoice;
import org.cyclonedx.model.metadata.ToolInformation;
import org.oz4j.Icicle;
import org.oz4j.Provenance;

/**
 * A manifest in CycloneDX 1.6. The document is about the image; the system and its packages are its components, and what
 * it was made of is the formulation: files, and the workflow that took them.
 */
final class CycloneDx {
    private static final String IMAGE = "image";
    private static final String OS = "os";

    private final Icicle icicle;
    private final Optional<Provenance> provenance;
    private final Map<String, Integer> references = new HashMap<>();

    CycloneDx(Icicle icicle, Optional<Provenance> provenance) {
        this.icicle = icicle;
        this.provenance = provenance;
    }

    String write(UUID serial, Instant now) {
        Bom bom = new Bom();
        bom.setSerialNumber("urn:uuid:" + serial);
        bom.setVersion(1);
        bom.setMetadata(metadata(now));
        Dependency image = new Dependency(IMAGE);
        Dependency packages = icicle.os().isPresent() ? new Dependency(OS) : image;
        icicle.os().ifPresent(os -> {
            bom.addComponent(system(os));
            image.addDependency(new Dependency(OS));
            bom.addDependency(image);
        });
        for (Icicle.Item item : icicle.packages()) {
            Component component = component(item);
            bom.addComponent(component);
            packages.addDependency(new Dependency(component.getBomRef()));
        }
        bom.addDependency(packages);
        provenance.ifPresent(known -> bom.setFormulation(List.of(formula(known))));
        try {
            return BomGeneratorFactory.createJson(Version.VERSION_16, bom)
                            .toJsonString()
                            .replace("\r\n", "\n")
                    + "\n";
        } catch (GeneratorException e) {
            throw new IllegalStateException("the manifest can't be written in CycloneDX", e);
        }
    }

    private Metadata metadata(Instant now) {
        Component tool = named(Component.Type.APPLICATION, SbomWriter.TOOL);
        tool.setVersion(Provenance.libraryVersion());
        ToolInformation tools = new ToolInformation();
        tools.setComponents(List.of(tool));
        Component image = named(
                Component.Type.FILE,
                provenance
                        .map(Provenance::name)
                        .or(() -> icicle.os().map(os -> os.name() + " " + os.version()))
                        .orElse(IMAGE));
        image.setBomRef(IMAGE);
        icicle.description().filter(text -> !text.isEmpty()).ifPresent(image::setDescription);
        Metadata metadata = new Metadata();
        metadata.setTimestamp(Date.from(now));
        metadata.setToolChoice(tools);
        metadata.setComponent(image);
        return metadata;
    }

    /** The system by the name of os-release(5), which scanners know it by. */
    private static Component system(Icicle.Os os) {
        Component system = named(Component.Type.OPERATING_SYSTEM, os.id());
        system.setBomRef(OS);
        system.setVersion(os.version());
        system.setDescription(os.name() + " " + os.version());
        system.addProperty(property("arch", os.arch()));
        return system;
    }

    private Component component(Icicle.Item item) {
        String purl = Purl.of(icicle.os(), item);
        String name = Purl.bareName(icicle.os(), item);
        Component component = named(Component.Type.LIBRARY, name);
        int number = references.merge(purl, 1, Integer::sum);
        component.setBomRef(number == 1 ? purl : purl + "#" + number);
        component.setPurl(purl);
        if (!item.version().isEmpty()) {
            component.setVersion(item.version());
        }
        item.vendor().ifPresent(vendor -> {
            OrganizationalEntity supplier = new OrganizationalEntity();
            supplier.setName(vendor);
            component.setSupplier(supplier);
        });
        item.licence().ifPresent(licence -> {
            License license = new License();
            license.setName(licence);
            LicenseChoice choice = new LicenseChoice();
            choice.addLicense(license);
            component.setLicenses(choice);
        });
        item.homepage().ifPresent(page -> {
            if (JsonText.isAddress(page)) {
                component.addExternalReference(reference(ExternalReference.Type.WEBSITE, page));
            } else {
                component.addProperty(property("homepage", page));
            }
        });
        if (!name.equals(item.name())) {
            component.addProperty(property("name", item.name()));
        }
        IcicleJson.facts(item).forEach((key, text) -> component.addProperty(property(key, text)));
        return component;
    }

    private static Formula formula(Provenance provenance) {
        List<Component> files = new ArrayList<>();
        for (Provenance.Medium medium : provenance.media()) {
            Component file =
                    file("medium-" + (files.size() + 1), medium.location().replaceAll(".*/", ""), medium.sha256());
            if (JsonText.isAddress(medium.location())) {
                file.addExternalReference(reference(ExternalReference.Type.DISTRIBUTION, medium.location()));
            }
            files.add(file);
        }
        files.add(file("template", "template " + provenance.name(), provenance.templateSha256()));
        provenance.answersSha256().ifPresent(sha256 -> files.add(file("answers", "answer file", sha256)));
        List<InputType> inputs = new ArrayList<>();
        for (Component file : files) {
            ResourceReferenceChoice resource = new ResourceReferenceChoice();
            resource.setRef(file.getBomRef());
            InputType input = new InputType();
            input.setResource(resource);
            inputs.add(input);
        }
        Workflow install = new Workflow();
        install.setBomRef("install");
        install.setUid("install");
        install.setName("unattended install of " + provenance.os() + " " + provenance.arch());
        install.setTaskTypes(List.of(TaskType.BUILD));
        install.setTimeEnd(Date.from(provenance.installed()));
        install.setInputs(inputs);
        install.setProperties(List.of(property("toolVersion", provenance.toolVersion())));
        Formula formula = new Formula();
        formula.setBomRef("formula");
        formula.setComponents(files);
        formula.setWorkflows(List.of(install));
        return formula;
    }

    private static Component file(String reference, String name, String sha256) {
        Component file = named(Component.Type.FILE, name);
        file.setBomRef(reference);
        file.addHash(new Hash(Hash.Algorithm.SHA_256, sha256));
        return file;
    }

    private static Component named(Component.Type type, String name) {
        Component component = new Component();
        component.setType(type);
        component.setName(name);
        return component;
    }

    private static ExternalReference reference(ExternalReference.Type type, String url) {
        ExternalReference reference = new ExternalReference();
        reference.setType(type);
        reference.setUrl(url);
        return reference;
    }

    private static Property property(String name, String value) {
        Property property = new Property();
        property.setName(IcicleJson.PROPERTY + name);
        property.setValue(value);
        return property;
    }
}
