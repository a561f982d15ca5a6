"""The audit journal in words: one phrase for each act, and its details as people write them."""

from __future__ import annotations

from typing import Any, Final

ACCIONES: Final[dict[str, str]] = {
    # Entering, and one's own account.
    "ingreso": "Ingresó",
    "ingreso_negado": "No pudo ingresar",
    "salida": "Salió",
    "sin_permiso": "Pidió una página sin permiso",
    "clave_cambiada": "Cambió su clave",
    "clave_negada": "No pudo cambiar su clave",
    "sesiones_cerradas": "Cerró sus otras sesiones",
    "serviweb_guardado": "Guardó su usuario de Serviweb",
    "serviweb_borrado": "Borró su usuario de Serviweb",
    # Cases.
    "crea_caso": "Creó el caso",
    "ver_caso": "Vio el caso",
    "ve_caso": "Vio el caso en vivo",
    "ve_solicitud": "Vio la solicitud",
    "ve_antecedentes": "Vio los casos anteriores del suscriptor",
    "ver_diario": "Vio el diario del caso",
    "ver_pelicula": "Vio la película del caso",
    "ver_imagen": "Vio las imágenes del caso",
    "continuar_caso": "Continuó el caso",
    "cancelar_caso": "Canceló el caso",
    "cerrar_caso": "Cerró el caso",
    "busqueda": "Buscó casos",
    "exportacion": "Descargó una lista",
    "filtro_guardado": "Guardó un filtro",
    "filtro_borrado": "Borró un filtro",
    "hoy": "Vio «Hoy»",
    # Papers.
    "ve_papel": "Vio un papel",
    "descarga_papel": "Descargó un papel",
    "imprime_papel": "Imprimió un papel",
    "adjunta_papel": "Adjuntó un papel",
    # Payments.
    "ve_esperando_pago": "Vio los casos que esperan pago",
    "ve_pago": "Vio el pago",
    "registra_pago": "Registró un pago",
    "atiende_pago": "Atendió un pago inesperado",
    # Doubts.
    "ver_dudas": "Vio los casos en duda",
    "ver_duda": "Vio la duda",
    "consultar_duda": "Pidió consultar la duda en Serviweb",
    "decidir_consultar": "Pidió consultar la duda en Serviweb",
    "decidir_existe": "Decidió que el documento existe",
    "decidir_no_existe": "Decidió que el documento no existe",
    "decidir_doble": "Decidió que existen dos documentos",
    "decision_rechazada": "Una decisión suya no se aceptó",
    "confirmar_decision": "Confirmó la decisión de otra persona",
    "retirar_decision": "Retiró una decisión",
    "registrar_anulacion": "Registró una anulación",
    # Terms and reviews.
    "plazos": "Vio los plazos",
    "peticion_respondida": "Anotó la respuesta a una petición",
    "peticion_sin_responder": "Quitó la respuesta de una petición",
    "revision": "Vio los casos por revisar",
    "revision_caso": "Vio un caso por revisar",
    "revision_firmada": "Firmó una revisión",
    "revision_pedida": "Pidió revisar el caso",
    # The queue, its files and lots.
    "ve_cola": "Vio la cola",
    "inicia_robot": "Inició el robot",
    "detiene_robot": "Detuvo el robot",
    "pausa_cola": "Pausó la cola",
    "reanuda_cola": "Reanudó la cola",
    "desbloquea_usuario": "Desbloqueó un usuario de Serviweb",
    "ve_lote": "Vio un lote",
    "cancela_lote": "Canceló lo que faltaba de un lote",
    "baja_resultados": "Descargó los resultados de un lote",
    "sube_archivo": "Subió un archivo",
    "ve_borrador": "Vio un archivo subido",
    "corrige_fila": "Corrigió una fila",
    "deja_fila_fuera": "Dejó una fila por fuera",
    "devuelve_fila": "Devolvió una fila",
    "pone_en_cola": "Puso un archivo en la cola",
    "lee_archivo_otra_vez": "Leyó el archivo otra vez",
    "descarta_borrador": "Descartó un archivo",
    "baja_errores": "Descargó las filas con errores",
    # Reports, screens, messages, the journal itself.
    "tablero_exportado": "Descargó el tablero",
    "informe_diario": "Descargó el informe del día",
    "informe_pagina": "Descargó la página del informe",
    "informe_libro": "Descargó el informe en Excel",
    "planilla_entrega": "Descargó la planilla de entrega",
    "mapa_aceptado": "Aceptó un cambio del mapa de pantallas",
    "avisos_ver": "Vio los avisos",
    "mensaje_reenviar": "Volvió a enviar un mensaje",
    "ver_auditoria": "Vio la auditoría",
    "auditoria_comprobada": "Comprobó la cadena de la auditoría",
    "auditoria_exportada": "Descargó la auditoría",
    # People and programs.
    "ver_personas": "Vio las personas",
    "ver_persona": "Vio una persona",
    "usuario_creado": "Creó un usuario",
    "usuario_cambiado": "Cambió un usuario",
    "usuario_activado": "Activó un usuario",
    "usuario_desactivado": "Desactivó un usuario",
    "usuario_desbloqueado": "Desbloqueó un usuario del panel",
    "rol_cambiado": "Cambió un rol",
    "clave_temporal": "Puso una clave temporal",
    "clave_puesta": "Puso una clave",
    "cliente_crear": "Creó un programa",
    "cliente_revocar": "Revocó un programa",
    "api_caso_crear": "Creó un caso (API)",
    "api_caso_ver": "Vio el caso (API)",
    "api_casos_listar": "Listó casos (API)",
    "api_caso_cancelar": "Canceló el caso (API)",
    "api_pago": "Registró un pago (API)",
    "api_papel": "Descargó un papel (API)",
    "api_lote": "Cargó un lote (API)",
    "api_lote_ver": "Vio un lote (API)",
    "api_gancho_crear": "Creó un gancho (API)",
    "api_gancho_borrar": "Borró un gancho (API)",
    "api_sin_permiso": "Pidió algo sin permiso (API)",
}
_NOMBRES: Final[dict[str, str]] = {
    "anuladas": "anuladas",
    "asesor": "asesor",
    "comenzo": "comenzó",
    "continua": "continúa",
    "continuar": "continúa",
    "cuantas": "cuántas",
    "cuantos": "cuántos",
    "dia": "día",
    "fecha": "fecha",
    "quedo": "quedó",
    "rota": "primera alterada",
    "movido": "con un cambio el",
    "numero": "número",
    "nueva_ocasion": "nueva ocasión",
    "rol_nuevo": "rol",
    "revision": "revisión",
    "mapa_despues": "mapa después",
    "mapa_antes": "mapa antes",
    "todos": "toda la oficina",
}
_DATOS: Final[dict[str, str]] = {
    "igual": "pago ya registrado",
    "inesperado": "ningún caso lo esperaba",
    "ya_atendido": "ya atendido",
    "en_cola": "en cola",
    "en_curso": "en curso",
    "esperando_pago": "esperando pago",
    "en_duda": "en duda",
    "tramite": "trámite",
    "solicitud-factura": "solicitud de factura",
    "recibo-abono": "recibo de abono",
    "solicitud-tramite": "solicitud de trámite",
}


def nombre_accion(accion: str) -> str:
    """Return an act as people say it; one that has no phrase at least without underscores."""
    return ACCIONES.get(accion) or accion.replace("_", " ").capitalize()


def nombre_dato(nombre: str) -> str:
    """Return a detail's name as words."""
    return _NOMBRES.get(nombre, nombre.replace("_", " "))


def dato(valor: Any) -> str:
    """Return a detail's value as people write it: yes and no, lists, words."""
    if isinstance(valor, bool):
        return "sí" if valor else "no"
    if isinstance(valor, list | tuple):
        return ", ".join(dato(one) for one in valor) or "—"
    if isinstance(valor, dict):
        return ", ".join(f"{nombre_dato(str(name))}: {dato(one)}" for name, one in valor.items()) or "—"
    text = str(valor)
    if text in _DATOS:
        return _DATOS[text]
    return text.replace("_", " ") if text.replace("_", "").isalpha() else text
